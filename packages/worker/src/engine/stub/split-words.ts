/** A text in pieces of one word with the space before it, as tokens mostly are. */
export function splitWords(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}
