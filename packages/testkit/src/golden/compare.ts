import type { Tolerance } from "./options.js";
import type { Answer } from "./transcript.js";

/** Characters of text shown before and after a difference. */
const SHOWN = 60;
/** More words than this are compared by their number and their first difference only: the table of edits grows with the square. */
const MOST_WORDS = 5000;

/**
 * How an answer differs from the golden one, in lines; `undefined` if it does not.
 *
 * @param close accepts a difference within it.
 */
export function findDifference(golden: Answer, answer: Answer, close?: Tolerance): readonly string[] | undefined {
  const lines = [...describeTokens(golden, answer), ...describeText(golden, answer), ...describeStop(golden, answer)];
  if (lines.length === 0) return undefined;
  if (close === undefined) return lines;
  const beyond = findBeyond(golden.text, answer.text, close);
  return beyond === undefined ? undefined : [...beyond, ...lines];
}

/** The first token that is another one; nothing if only texts can be compared. */
function describeTokens({ tokens: golden }: Answer, { tokens: received }: Answer): string[] {
  if (golden === undefined || received === undefined) return [];
  const index = firstDifference(golden, received);
  if (index === undefined) return [];
  return [
    `first difference at token ${index} of ${golden.length}, after ${showEnd(golden.slice(0, index).join(""))}`,
    `  golden:   ${showToken(golden[index])}${showRest(golden.slice(index + 1).join(""))}`,
    `  received: ${showToken(received[index])}${showRest(received.slice(index + 1).join(""))}`,
    ...(golden.join("") === received.join("") ? ["  the text is the same: it was cut into other tokens"] : []),
  ];
}

/** The first character that is another one; nothing if the tokens say it. */
function describeText(golden: Answer, received: Answer): string[] {
  if (golden.tokens !== undefined && received.tokens !== undefined) return [];
  const [one, two] = [Array.from(golden.text), Array.from(received.text)];
  const index = firstDifference(one, two);
  if (index === undefined) return [];
  return [
    `first difference at character ${index} of ${one.length}, after ${showEnd(one.slice(0, index).join(""))}`,
    `  golden:   ${showStart(one.slice(index))}`,
    `  received: ${showStart(two.slice(index))}`,
  ];
}

function describeStop(golden: Answer, received: Answer): string[] {
  if (golden.stopReason === received.stopReason) return [];
  return [`the golden answer ends with \`${golden.stopReason}\`, the received one with \`${received.stopReason}\``];
}

function findBeyond(golden: string, received: string, close: Tolerance): string[] | undefined {
  const { sameCharacters, differentWords } = close;
  const same = firstDifference(Array.from(golden), Array.from(received)) ?? Infinity;
  const share = shareOfDifferentWords(golden, received);
  const lines = [
    ...(same < sameCharacters
      ? [`the first ${same} characters are the same; \`sameCharacters\` asks for ${sameCharacters}`]
      : []),
    ...(share > differentWords
      ? [`${percent(share)} of the words differ; \`differentWords\` accepts ${percent(differentWords)}`]
      : []),
  ];
  return lines.length === 0 ? undefined : lines;
}

function firstDifference(one: readonly string[], two: readonly string[]): number | undefined {
  const length = Math.max(one.length, two.length);
  for (let index = 0; index < length; index += 1) if (one[index] !== two[index]) return index;
  return undefined;
}

/** The edits between two lists of words (Levenshtein 1966), over the length of the longer one. */
function shareOfDifferentWords(golden: string, received: string): number {
  const [one, two] = [toWords(golden), toWords(received)];
  const longest = Math.max(one.length, two.length);
  return longest === 0 ? 0 : countEdits(one, two) / longest;
}

function toWords(text: string): string[] {
  return text
    .split(/\s+/u)
    .filter((word) => word !== "")
    .slice(0, MOST_WORDS);
}

function countEdits(one: readonly string[], two: readonly string[]): number {
  let above = Array.from({ length: two.length + 1 }, (_, index) => index);
  for (const [row, word] of one.entries()) {
    const current = [row + 1];
    for (const [column, other] of two.entries()) {
      const replaced = at(above, column) + (word === other ? 0 : 1);
      current.push(Math.min(replaced, at(above, column + 1) + 1, at(current, column) + 1));
    }
    above = current;
  }
  return at(above, two.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}

function showToken(token: string | undefined): string {
  return token === undefined ? "nothing: it ends here" : JSON.stringify(token);
}

function showRest(rest: string): string {
  return rest === "" ? "" : `, then ${showStart(Array.from(rest))}`;
}

function showStart(characters: readonly string[]): string {
  if (characters.length === 0) return "nothing: it ends here";
  const cut = characters.slice(0, SHOWN).join("");
  return `${JSON.stringify(cut)}${characters.length > SHOWN ? "…" : ""}`;
}

function showEnd(text: string): string {
  const characters = Array.from(text);
  if (characters.length === 0) return "nothing";
  return `${characters.length > SHOWN ? "…" : ""}${JSON.stringify(characters.slice(-SHOWN).join(""))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
