/** A stop sequence, and the text that must come before it. */
export interface StopChoice {
  readonly stop: string;
  readonly before: string;
}

/** A place in a text, by its first and one past its last character. */
type Place = readonly [start: number, end: number];

/**
 * Chooses a stop sequence out of the tokens of an unstopped run: the last character of one token, `between` whole tokens,
 * and the first character of the next one. It must not occur earlier in the text.
 */
export function chooseStopAcrossTokens(tokens: readonly string[], between = 0): StopChoice {
  for (let at = 3; at + between + 1 < tokens.length; at++) {
    const pieces = [...tokens.slice(at, at + between + 2)].map((token) => Array.from(token));
    pieces[0] = pieces[0]!.slice(-1);
    pieces[pieces.length - 1] = pieces.at(-1)!.slice(0, 1);
    const start = tokens.slice(0, at + 1).join("").length - pieces[0].join("").length;
    const choice = chooseAt(tokens.join(""), [start, start + pieces.flat().join("").length]);
    if (choice !== undefined) return choice;
  }
  throw new Error(`No stop sequence of ${between + 2} tokens is unique in ${JSON.stringify(tokens)}`);
}

/** Chooses the middle of a token of at least three characters. */
export function chooseStopInsideToken(tokens: readonly string[]): StopChoice {
  let start = 0;
  for (const token of tokens) {
    const [first = "", ...rest] = Array.from(token);
    const end = start + token.length - (rest.pop() ?? "").length;
    const choice = rest.length > 0 ? chooseAt(tokens.join(""), [start + first.length, end]) : undefined;
    if (choice !== undefined) return choice;
    start += token.length;
  }
  throw new Error(`No token with a unique middle in ${JSON.stringify(tokens)}`);
}

/** Chooses the shortest end of a text that does not occur earlier in it. */
export function chooseStopAtEnd(text: string): StopChoice {
  const characters = Array.from(text);
  for (let length = 1; length <= characters.length; length++) {
    const start = text.length - characters.slice(-length).join("").length;
    const choice = chooseAt(text, [start, text.length]);
    if (choice !== undefined) return choice;
  }
  throw new Error("The text is empty");
}

/** Arbitrary pieces of a text, the same in every run: the text before the first occurrence is the expected output. */
export function choosePieces(text: string, count: number): StopChoice[] {
  const characters = Array.from(text);
  return Array.from({ length: count }, (_, index) => {
    const start = (index * 7919) % characters.length;
    const stop = characters.slice(start, start + 1 + (index % 5)).join("");
    return { stop, before: text.slice(0, text.indexOf(stop)) };
  });
}

function chooseAt(text: string, [start, end]: Place): StopChoice | undefined {
  const stop = text.slice(start, end);
  return text.indexOf(stop) === start && !stop.includes("\ufffd") ? { stop, before: text.slice(0, start) } : undefined;
}
