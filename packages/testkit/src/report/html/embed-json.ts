import { toVisibleJson } from "../../terminal/index.js";

const ESCAPES: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };

/**
 * JSON for the inside of a `<script>` element: no text in it can end the element or open a comment, and no text is changed.
 * Characters that a terminal would interpret are escaped as well, for anyone who prints the file.
 *
 * @example embedJson("</script>") // "\"\\u003c/script\\u003e\""
 */
export function embedJson(value: unknown): string {
  return toVisibleJson(JSON.stringify(value)).replace(/[<>&]/g, (char) => ESCAPES[char] ?? char);
}
