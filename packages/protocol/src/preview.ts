import { stringifyJson } from "./json.js";

/** A value in backticks for a message: its JSON, cut at 80 characters; "nothing" for undefined. */
export function preview(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = write(value);
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}

/** What cannot be written as JSON (a function, a tree thousands of levels deep) is named by its type. */
function write(value: unknown): string {
  try {
    return stringifyJson(value);
  } catch {
    return typeof value;
  }
}
