import { constants } from "node:os";
import { checkOption, isRecord } from "./check-option.js";
import type { AnyOption, Option, OptionsOf, OptionTable, ResolvedOptionsOf } from "./option.js";
import { resolveOptions } from "./resolve-options.js";

/** Node's timers fire immediately if set to more. */
const LONGEST_TIMER_MS = 2_147_483_647;
const MAX_U64 = 2n ** 64n - 1n;

type Range = readonly [first: number, last: number];

/** Any value that passes the test. @param wanted continues "Expected `name` to be". */
export function custom<T>(wanted: string, test: (value: unknown) => boolean): Option<T> {
  return {
    read: (name, value) => {
      checkOption(test(value), name, { wanted, value });
      return value as T;
    },
  };
}

/** A value that another function checks and resolves; it throws `INVALID_OPTION` with the name. */
export function checkedBy<Given, Resolved = Given>(
  read: (name: string, value: Given) => Resolved,
): Option<Given, Resolved> {
  return { read: (name, value) => read(name, value as Given) };
}

/** A duration in ms, above zero. @param options.orZero allows 0. */
export function durationMs({ orZero = false }: { readonly orZero?: boolean } = {}): Option<number> {
  const wanted = orZero ? "zero or a positive number" : "a positive number";
  return {
    parse: toNumber,
    read: (name, value) => {
      const holds = typeof value === "number" && (orZero ? value >= 0 : value > 0);
      checkOption(holds, name, { wanted, value });
      checkOption(value <= LONGEST_TIMER_MS, name, { wanted: `at most ${LONGEST_TIMER_MS} ms`, value });
      return value;
    },
  };
}

/** A time-out in ms: above zero; `Infinity` disables it. @param options.orZero allows 0. */
export function timeoutMs(options: { readonly orZero?: boolean } = {}): Option<number> {
  const { read } = durationMs(options);
  return { parse: toNumber, read: (name, value) => (value === Infinity ? value : read(name, value)) };
}

/** A whole number within an inclusive range; an infinite upper end allows `Infinity`. */
export function integer([first, last]: Range = [0, Number.MAX_SAFE_INTEGER]): Option<number> {
  const wanted = describeRange("a whole number", [first, last]);
  const isIn = (value: number): boolean => value >= first && value <= last;
  const test = (value: unknown): boolean =>
    typeof value === "number" && (Number.isSafeInteger(value) || value === Infinity) && isIn(value);
  return { ...custom<number>(wanted, test), parse: toNumber };
}

/** A number within an inclusive range. */
export function number([first, last]: Range): Option<number> {
  const wanted = describeRange("a number", [first, last]);
  const test = (value: unknown): boolean => typeof value === "number" && value >= first && value <= last;
  return { ...custom<number>(wanted, test), parse: toNumber };
}

/** A finite number above zero. @param options.most the largest that passes. */
export function positive({ most = Number.MAX_VALUE }: { readonly most?: number } = {}): Option<number> {
  const test = (value: unknown): boolean => typeof value === "number" && value > 0 && value <= most;
  const wanted = most === Number.MAX_VALUE ? "a positive number" : `a positive number up to ${most}`;
  return { ...custom<number>(wanted, test), parse: toNumber };
}

/** A size in bytes, zero or more. */
export function sizeBytes(): Option<number> {
  const test = (value: unknown): boolean => typeof value === "number" && value >= 0 && Number.isFinite(value);
  return { ...custom<number>("a number of bytes, zero or more", test), parse: toNumber };
}

/** A seed: a whole number from 0 to 2^64 - 1, resolved to a bigint. */
export function u64(): Option<number | bigint, bigint> {
  return {
    parse: (word) => (/^\d{1,20}$/.test(word) ? BigInt(word) : word),
    read: (name, value) => {
      const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
      checkOption(isWhole, name, { wanted: "a whole number; above 2^53 a bigint", value });
      const seed = BigInt(value as number | bigint);
      checkOption(seed >= 0n && seed <= MAX_U64, name, { wanted: "from 0 to 2^64 - 1", value });
      return seed;
    },
  };
}

/** A string that can be passed to a process, without NUL. @param options.filled rejects the empty string. */
export function text({ filled = false }: { readonly filled?: boolean } = {}): Option<string> {
  return {
    read: (name, value) => {
      checkOption(typeof value === "string", name, { wanted: "a string", value });
      checkOption(!value.includes("\0"), name, { wanted: "a string without NUL", value });
      checkOption(!filled || value !== "", name, { wanted: "a string that is not empty", value });
      return value;
    },
  };
}

/** One of some strings or numbers. */
export function oneOf<const T extends string | number>(choices: readonly T[]): Option<T> {
  const shown = choices.map((choice) => JSON.stringify(choice));
  const known: readonly unknown[] = choices;
  return { ...custom<T>(joinWords(shown, "or"), (value) => known.includes(value)), choices };
}

/** `true` or `false`. */
export function flag(): Option<boolean> {
  return custom<boolean>("true or false", (value) => typeof value === "boolean");
}

/** An AbortSignal, possibly from another realm. */
export function abortSignal(): Option<AbortSignal> {
  return custom<AbortSignal>(
    "an AbortSignal",
    (value) => isRecord(value) && "aborted" in value && "addEventListener" in value,
  );
}

/** The name of a signal of this system. */
export function signalName(): Option<NodeJS.Signals> {
  return custom<NodeJS.Signals>(
    "the name of a signal, such as SIGTERM",
    (value) => typeof value === "string" && Object.hasOwn(constants.signals, value),
  );
}

/** A regular expression. */
export function pattern(): Option<RegExp> {
  return custom<RegExp>("a regular expression", (value) => value instanceof RegExp);
}

/** A function. */
export function callback<F extends (...values: never[]) => unknown>(): Option<F> {
  return custom<F>("a function", (value) => typeof value === "function");
}

/** A list; messages count its elements: `args[2]`. @param options.filled rejects an empty list. */
export function listOf<Given, Resolved>(
  element: Option<Given, Resolved>,
  { wanted = "an array", filled = false }: { readonly wanted?: string; readonly filled?: boolean } = {},
): Option<readonly Given[], readonly Resolved[]> {
  return {
    read: (name, value) => {
      checkOption(Array.isArray(value), name, { wanted, value });
      checkOption(!filled || value.length > 0, name, { wanted: `${wanted} with at least one element`, value });
      return value.map((each, index) => element.read(`${name}[${index}]`, each));
    },
  };
}

/** Options within an option. */
export function group<const T extends OptionTable>(table: T): Option<OptionsOf<T>, ResolvedOptionsOf<T>> {
  return { read: (name, value) => resolveOptions(table, value as OptionsOf<T>, name) };
}

/** `null`, or what another option takes. */
export function orNull<Given, Resolved>(option: Option<Given, Resolved>): Option<Given | null, Resolved | null> {
  return { read: (name, value) => (value === null ? null : option.read(name, value)) };
}

/**
 * An object whose `kind` decides which other options it has. It is returned unchanged: kinds have no defaults.
 *
 * @param wanted continues "Expected `name` to be".
 * @param tables the options of each kind.
 */
export function variant<T extends { readonly kind: string }>(
  wanted: string,
  tables: { readonly [K in T["kind"]]: { readonly [P in Exclude<keyof Extract<T, { kind: K }>, "kind">]: AnyOption } },
): Option<T> {
  const kinds = Object.keys(tables);
  const kind = custom<string>(`one of ${kinds.join(", ")}`, (value) => kinds.includes(value as string));
  return {
    read: (name, value) => {
      checkOption(isRecord(value), name, { wanted, value });
      const table: OptionTable = tables[kind.read(`${name}.kind`, value["kind"]) as T["kind"]];
      resolveOptions({ kind, ...table }, value, name);
      return value as unknown as T;
    },
  };
}

/** An object with values of one kind; messages name the key: `env.PATH`. */
export function recordOf<Given, Resolved>(
  element: Option<Given, Resolved>,
): Option<Readonly<Record<string, Given | undefined>>, Readonly<Record<string, Resolved | undefined>>> {
  return {
    read: (name, value) => {
      checkOption(isRecord(value), name, { wanted: "an object", value });
      const entries = Object.entries(value);
      return Object.fromEntries(
        entries.map(([key, each]) => [key, each === undefined ? undefined : element.read(`${name}.${key}`, each)]),
      );
    },
  };
}

/** A word that is not a number stays a word, for the message to show. */
function toNumber(word: string): unknown {
  const value = word.trim() === "" ? NaN : Number(word);
  return Number.isNaN(value) ? word : value;
}

function describeRange(what: string, [first, last]: Range): string {
  if (last === Infinity || last === Number.MAX_SAFE_INTEGER) return `${what} of at least ${first}`;
  return `${what} from ${first} to ${last}`;
}

function joinWords(words: readonly string[], conjunction: string): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} ${conjunction} ${last}`;
}
