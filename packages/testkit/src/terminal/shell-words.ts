/**
 * A word for a POSIX shell, without quotes where it needs none.
 *
 * @example quoteWord("it's") // "'it'\\''s'"
 */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quoteAlways(word);
}

/** The same, always with quotes. */
export function quoteAlways(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Words as one line for a POSIX shell.
 *
 * @example quoteCommand(["./my-worker", "--name", "a b"]) // "./my-worker --name 'a b'"
 */
export function quoteCommand(words: readonly string[]): string {
  return words.map((word) => quoteWord(word)).join(" ");
}
