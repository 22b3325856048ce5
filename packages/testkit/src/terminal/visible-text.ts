const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/**
 * Control, format, unassigned, private and lone surrogate characters, every white space but the blank, and what Unicode says to draw as
 * nothing. Two of them belong to visible characters and stay: variation selectors, and the joiner inside an emoji such as a family.
 */
const INVISIBLE =
  /(?![ \ufe00-\ufe0f\u{e0100}-\u{e01ef}])(?!(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d\p{Extended_Pictographic})[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Makes the text of others safe for a terminal, a log or a page: what would move the cursor, colour the screen, begin a new line, turn
 * the writing direction or not show at all is written as an escape sequence of JavaScript. U+FFFD, which stands for invalid bytes, stays:
 * it is visible. Text that is visible already is returned unchanged.
 *
 * @example toVisibleText("a\u001b[2J\n") // "a\\x1b[2J\\n"
 */
export function toVisibleText(text: string): string {
  return text.replace(INVISIBLE, (char) => NAMED[char] ?? escapeCodePoint(char.codePointAt(0) ?? 0));
}

/**
 * Joins lines into one text. Each of them stays one line whatever it contains, so only the caller decides where a line begins.
 *
 * @example joinVisibleLines(["got:", "a\n✓ passed"]) // "got:\na\\n✓ passed"
 */
export function joinVisibleLines(lines: readonly string[]): string {
  return lines.map((line) => toVisibleText(line)).join("\n");
}

/**
 * JSON that can be printed: the same value, but no string in it has a character that a terminal obeys or that does not show.
 *
 * @param json what `JSON.stringify` returned; its line breaks and indentation stay.
 */
export function toVisibleJson(json: string): string {
  return json.replace(INVISIBLE, (char) => (char === "\n" ? char : escapeCodeUnits(char)));
}

function escapeCodePoint(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** JSON knows 16-bit escapes only. */
function escapeCodeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, at) => {
    return `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }).join("");
}
