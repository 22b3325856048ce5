import { stringifyJson } from "./json.js";

/** Maximum length of a quoted value in a message or an answer, in UTF-16 units. */
const MAX_SHOWN_CHARACTERS = 80;

/** The text, or its first 80 characters and `…`. */
export function cut(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS).toWellFormed()}…` : text;
}

/** A value in backticks for a message: its JSON, truncated to 80 characters; "nothing" for undefined. */
export function preview(value: unknown): string {
  if (value === undefined) return "nothing";
  return `\`${cut(write(value))}\``;
}

/**
 * A value that cannot be written as JSON (a function, a tree thousands of levels deep) is described by
 * its type.
 */
function write(value: unknown): string {
  try {
    return stringifyJson(value);
  } catch {
    return typeof value;
  }
}
