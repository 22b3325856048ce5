import { withoutHiddenValues } from "./hidden-values.js";

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/**
 * Control, format, unassigned, private and lone surrogate characters, all white space except the space, and everything that Unicode
 * renders as invisible. Two of these are part of visible characters and are kept: variation selectors, and the joiner inside an emoji
 * such as a family.
 */
const INVISIBLE =
  /(?![ \ufe00-\ufe0f\u{e0100}-\u{e01ef}])(?!(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d\p{Extended_Pictographic})[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Makes foreign text safe for a terminal, a log or a page: characters that would move the cursor, color the screen, start a new line,
 * change the writing direction or be invisible become JavaScript escape sequences. U+FFFD, which represents invalid bytes, is visible and
 * is kept. Visible text is returned unchanged, but {@link withoutHiddenValues without the hidden values}.
 *
 * @example toVisibleText("a\u001b[2J\n") // "a\\x1b[2J\\n"
 */
export function toVisibleText(text: string): string {
  return withoutHiddenValues(text).replace(
    INVISIBLE,
    (char) => NAMED[char] ?? escapeCodePoint(char.codePointAt(0) ?? 0),
  );
}

/**
 * Joins lines into one text. Each stays one line regardless of its content, so only the caller decides where a line starts.
 *
 * @example joinVisibleLines(["got:", "a\n✓ passed"]) // "got:\na\\n✓ passed"
 */
export function joinVisibleLines(lines: readonly string[]): string {
  return lines.map((line) => toVisibleText(line)).join("\n");
}

/**
 * Printable JSON: the same value, but no string contains control or invisible characters.
 *
 * @param json what `JSON.stringify` returned; its line breaks and indentation are kept.
 */
export function toVisibleJson(json: string): string {
  return withoutHiddenValues(json).replace(INVISIBLE, (char) => (char === "\n" ? char : escapeCodeUnits(char)));
}

function escapeCodePoint(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** JSON has only 16-bit escapes. */
function escapeCodeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, at) => {
    return `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }).join("");
}
