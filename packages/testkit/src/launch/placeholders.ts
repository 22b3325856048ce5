/** Values of one start for the placeholders in arguments and environment. */
export interface PlaceholderValues {
  readonly port: number | undefined;
  readonly workerId: string;
  readonly host: string;
}

const PLACEHOLDER = /\{(port|workerId|host)\}/g;

/** Says whether a placeholder occurs in the arguments or in a value of the environment. */
export function usesPlaceholder(name: "port" | "workerId", texts: Iterable<string | undefined>): boolean {
  return [...texts].some((text) => text?.includes(`{${name}}`) === true);
}

/** Replaces `{port}`, `{workerId}` and `{host}`; other braces stay, JSON in an argument is common. */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (_all, name: keyof PlaceholderValues) => String(values[name]));
}
