import { estimateTokens, type Talk } from "./talk.js";
import { drawLength, type Lengths } from "./lengths.js";
import { countWords, drawWords, fitWords } from "./words.js";

/** What requests ask, and how long. */
export interface WorkloadOptions {
  /** What is asked, repeated as needed. `undefined`: texts of random words. */
  readonly talks: readonly Talk[] | undefined;
  /** Length of what a user says, in words. @default as it is */
  readonly promptWords: Lengths | undefined;
  /** Length of an answer, in tokens. */
  readonly outputTokens: Lengths;
  /** Share of the words of each prompt that all of them have in common, at their beginning; 0..1, exclusive. */
  readonly prefixShare: number;
  /** Requests of a conversation, at most; 1 is no conversation. */
  readonly turns: number;
}

/** What one request asks, before a dialect decides how it is sent. */
export interface WorkloadItem {
  readonly talk: Talk;
  readonly maxTokens: number;
  /** What the user says after each answer. */
  readonly followUps: readonly string[];
}

const OPENING_WORDS = 20;

/**
 * What the request with this index asks. The same index and random numbers give the same item. A warm-up begins with the last talks, so that no
 * server has them in its prefix cache when they are measured.
 *
 * @param random numbers in (0, 1) that depend on the seed and the index alone.
 */
export function makeItem(
  { talks, promptWords, outputTokens, prefixShare, turns }: WorkloadOptions,
  { index, random, isWarmup }: { index: number; random: () => number; isWarmup: boolean },
): WorkloadItem {
  const talk = talks === undefined ? inventTalk(turns, random) : pickTalk(talks, index, isWarmup);
  const fit = (text: string): string =>
    promptWords === undefined ? text : fitWords(text, drawLength(promptWords, random, countWords(text)));
  const opening = addPrefix(fit(talk.opening), prefixShare, promptWords !== undefined);
  return {
    talk: { ...talk, opening },
    maxTokens: drawLength(outputTokens, random, talk.outputTokens ?? estimateTokens("")),
    followUps: talk.followUps.slice(0, turns - 1).map((text) => fit(text)),
  };
}

function pickTalk(talks: readonly Talk[], index: number, isWarmup: boolean): Talk {
  const position = index % talks.length;
  return talks[isWarmup ? talks.length - 1 - position : position] as Talk;
}

function inventTalk(turns: number, random: () => number): Talk {
  const say = (): string => `Write a story with the words ${drawWords(OPENING_WORDS, random)}`;
  const followUps = Array.from({ length: turns - 1 }, () => say());
  return { history: [], isChat: false, opening: say(), followUps, outputTokens: undefined };
}

/** The same words before every prompt. @param isFitted whether its length is given: the prefix then takes the place of its first words. */
function addPrefix(text: string, share: number, isFitted: boolean): string {
  if (share === 0) return text;
  const count = countWords(text);
  const total = isFitted ? count : Math.round(count / (1 - share));
  const common = Math.min(total - 1, Math.round(total * share));
  if (common < 1) return text;
  const own = isFitted ? fitWords(text, total - common) : text;
  return `${drawWords(common, countingRandom())} ${own}`;
}

/** Always the same numbers, spread over (0, 1). */
function countingRandom(): () => number {
  let at = 0.5;
  return () => (at = (at + 0.618_033_988_75) % 1);
}
