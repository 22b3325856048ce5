/** Codes of real workers have some twenty characters. */
const LONGEST_CODE = 100;

/** The error code that a worker sent, for a message: the worker may send anything, and a code of a megabyte must not fill the screen. */
export function shortenCode(code: string): string {
  return code.length > LONGEST_CODE ? `${code.slice(0, LONGEST_CODE)}…` : code;
}
