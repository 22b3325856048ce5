import type { Answer } from "../../target/answer.js";
import type { CheckTarget } from "../../target/check-target.js";
import { inconclusive } from "../../verdict.js";

/** A stop sequence, and the text before it. */
export interface ChosenStop {
  readonly stop: string;
  readonly before: string;
}

/**
 * Takes a stop sequence from the middle of a text that the model has generated, so that the same request with it must end there. The check is
 * inconclusive for a text that is too short or has no such place.
 *
 * @param length of the sequence, in characters.
 */
export function findStop(text: string, random: () => number, length = 4): ChosenStop {
  const characters = Array.from(text);
  const [first, last] = [Math.floor(characters.length / 3), characters.length - length - 1];
  const starts = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  const from = Math.floor(random() * starts.length);
  for (const start of [...starts.slice(from), ...starts.slice(0, from)]) {
    const stop = characters.slice(start, start + length).join("");
    const before = characters.slice(0, start).join("");
    if (isVisible(stop) && text.indexOf(stop) === before.length) return { stop, before };
  }
  return inconclusive(`a text with a place to stop at: the model wrote ${characters.length} characters`);
}

/** White space at an end, and parts of characters, are trouble of their own. */
function isVisible(stop: string): boolean {
  return /^[\p{L}\p{N}\p{P}].*[\p{L}\p{N}\p{P}]$/u.test(stop);
}

/** A request that was answered without stop sequences, and what they must leave of its text. */
export interface StoppedRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  /** The text without stop sequences. */
  readonly free: string;
  readonly stop: readonly string[];
  readonly wanted: string;
}

/**
 * Sends a request again, with stop sequences. If the text is not the wanted one, both requests are repeated: the check is inconclusive for a
 * server that does not give the same text twice.
 */
export async function generateStopped(
  target: CheckTarget,
  { prompt, maxTokens, free, stop, wanted }: StoppedRequest,
): Promise<Answer> {
  const stopped = await target.generate(prompt, { max_tokens: maxTokens, stop });
  if (stopped.text === wanted) return stopped;
  const freeAgain = await target.generate(prompt, { max_tokens: maxTokens });
  const stoppedAgain = await target.generate(prompt, { max_tokens: maxTokens, stop });
  const isRepeated = freeAgain.text === free && stoppedAgain.text === stopped.text;
  return isRepeated ? stopped : inconclusive("the same text twice at temperature 0");
}
