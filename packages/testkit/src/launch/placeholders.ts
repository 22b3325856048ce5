/** The placeholder values of one start. */
export interface PlaceholderValues {
  readonly port: number | undefined;
  readonly workerId: string;
  readonly host: string;
}

const PLACEHOLDER = /\{(port|workerId|host)\}/g;

/** Whether a placeholder occurs in the arguments or in an environment value. */
export function usesPlaceholder(name: "port" | "workerId", texts: Iterable<string | undefined>): boolean {
  return [...texts].some((text) => text?.includes(`{${name}}`) === true);
}

/**
 * Replaces `{port}`, `{workerId}` and `{host}`. Other braces are kept, since JSON in an argument is
 * common.
 */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (_all, name: keyof PlaceholderValues) => String(values[name]));
}
