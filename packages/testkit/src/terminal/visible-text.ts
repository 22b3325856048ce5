const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/** Control, format, unassigned, private and lone surrogate characters, and every white space but the blank. */
const INVISIBLE = /(?! )[\p{C}\p{Z}]/gu;

/**
 * Makes generated text safe for a terminal or a page: what would move the cursor, colour the screen, turn the writing direction or not
 * show at all is written as an escape sequence of JavaScript. U+FFFD, which stands for invalid bytes, stays: it is visible.
 *
 * @example toVisibleText("a\u001b[2J\n") // "a\\u{1b}[2J\\n"
 */
export function toVisibleText(text: string): string {
  return text.replaceAll(INVISIBLE, (char) => NAMED[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
