/** The input type; exists only at the type level. */
declare const GIVEN: unique symbol;

/**
 * One option: its allowed values and how they are resolved. Created by the functions of `kinds.ts`; a table of options is one
 * object literal, whose keys are the names and whose comments are the documentation:
 *
 * @example
 * const PING_OPTIONS = defineOptions({
 *   /** How many pings. *\/
 *   count: required(integer([1, 100])),
 *   /** Pause between two of them, in ms. *\/
 *   everyMs: withDefault(durationMs(), 250),
 *   /** Ends the pings. *\/
 *   signal: abortSignal(),
 * });
 * interface PingOptions extends OptionsOf<typeof PING_OPTIONS> {}
 * const { count, everyMs, signal } = resolveOptions(PING_OPTIONS, given);
 */
export interface Option<Given, Resolved = Given> {
  /**
   * Checks a given value.
   *
   * @param name the name of the option in messages, such as `stop.count`.
   * @throws {INVALID_OPTION} naming the option, what was expected and the value.
   */
  readonly read: (name: string, value: unknown) => Resolved;
  /** Converts a command-line word; `read` checks the result. @default the word itself */
  readonly parse?: ((word: string) => unknown) | undefined;
  /** The values to choose from, if there is a list of them. */
  readonly choices?: readonly (string | number)[] | undefined;
  readonly [GIVEN]?: Given;
}

/** An option that must be given. */
export interface RequiredOption<Given, Resolved = Given> extends Option<Given, Resolved> {
  readonly isRequired: true;
}

/** An option with a value for when it is not given. */
export interface DefaultedOption<Given, Resolved = Given> extends Option<Given, Resolved> {
  readonly fallback: Resolved;
}

/** An option of any type. */
export type AnyOption = Option<unknown, unknown>;

/** Options by name. */
export type OptionTable = Readonly<Record<string, AnyOption>>;

type GivenOf<O> = O extends { readonly [GIVEN]?: infer Given } ? Given : never;
type ResolvedOf<O> = O extends { readonly read: (name: string, value: unknown) => infer Resolved } ? Resolved : never;
type NamesOf<T, Kind> = { [K in keyof T]: T[K] extends Kind ? K : never }[keyof T];
type RequiredNames<T> = NamesOf<T, { readonly isRequired: true }>;
type SureNames<T> = NamesOf<T, { readonly isRequired: true } | { readonly fallback: unknown }>;

// Mapping over `keyof T` or a subset of it keeps the comments of the table: editors show them for the options.
type Demanded<T, K extends keyof T> = { readonly [P in K]: GivenOf<T[P]> };
type Optional<T, K extends keyof T> = { readonly [P in K]?: GivenOf<T[P]> | undefined };
type Present<T, K extends keyof T> = { readonly [P in K]: ResolvedOf<T[P]> };
type Maybe<T, K extends keyof T> = { readonly [P in K]: ResolvedOf<T[P]> | undefined };

/** One object type: with an intersection with `{}`, the compiler does not detect a value that has no property in common. */
type Flat<T> = { [K in keyof T]: T[K] };

/** The input type of a table. */
export type OptionsOf<T extends OptionTable> = Flat<
  Demanded<T, RequiredNames<T>> & Optional<T, Exclude<keyof T, RequiredNames<T>>>
>;

/** The result type of {@link resolveOptions}: every option is a key. */
export type ResolvedOptionsOf<T extends OptionTable> = Present<T, SureNames<T>> &
  Maybe<T, Exclude<keyof T, SureNames<T>>>;

/** Makes an option mandatory. */
export function required<Given, Resolved>(option: Option<Given, Resolved>): RequiredOption<Given, Resolved> {
  return { ...option, isRequired: true };
}

/** Adds a default, which is not checked. */
export function withDefault<Given, Resolved>(
  option: Option<Given, Resolved>,
  fallback: Resolved,
): DefaultedOption<Given, Resolved> {
  return { ...option, fallback };
}

/** Preserves the exact type of the table. */
export function defineOptions<const T extends OptionTable>(table: T): T {
  return table;
}
