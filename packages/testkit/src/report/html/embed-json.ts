import { toVisibleJson } from "../../terminal/index.js";

const ESCAPES: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };

/**
 * JSON that can stand inside a `<script>` element: no text in it can end the element or open a comment, and none is changed.
 * What a terminal obeys is escaped as well, for those who print the file.
 *
 * @example embedJson("</script>") // "\"\\u003c/script\\u003e\""
 */
export function embedJson(value: unknown): string {
  return toVisibleJson(JSON.stringify(value)).replace(/[<>&]/g, (char) => ESCAPES[char] ?? char);
}
