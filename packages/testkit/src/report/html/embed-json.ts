const ESCAPES: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/**
 * JSON for the inside of a `<script>` element: no text in it can end the element or open a comment, and no text is changed.
 * `JSON.stringify` itself escapes control characters and lone surrogates.
 *
 * @example embedJson("</script>") // "\"\\u003c/script\\u003e\""
 */
export function embedJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPES[char] ?? char);
}
