import type { Answer } from "../../target/answer.js";
import { show } from "../../verdict.js";

const SHOWN_BEFORE = 30;

/** Where two texts differ first, with what is around it; `undefined` if they are the same. */
export function findDivergence(first: string, second: string): string | undefined {
  if (first === second) return undefined;
  const [one, two] = [Array.from(first), Array.from(second)];
  let index = 0;
  while (index < one.length && one[index] === two[index]) index += 1;
  const before = one.slice(Math.max(0, index - SHOWN_BEFORE), index).join("");
  const piece = (text: readonly string[]): string => show(text.slice(index, index + SHOWN_BEFORE).join(""));
  return `a difference at character ${index}: ${piece(one)} and ${piece(two)}, after ${show(before)}`;
}

/** The number of different texts. */
export function countTexts(answers: readonly Answer[]): number {
  return new Set(answers.map(({ text }) => text)).size;
}
