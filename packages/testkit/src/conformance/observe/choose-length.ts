import type { ConformanceProfile } from "../conformance-profile.js";

/** A server whose context is shorter than half of the longest ends a job where its context does. */
const LONGEST = 3000;
const LENGTHS = [200, 700, 1500, LONGEST];
const USUAL_LENGTH = 1500;
/** Room for the prompt in a context that is declared. */
const PROMPT_TOKENS = 512;

/** What a long job is chosen by. */
export interface LengthFacts {
  /** 1 for the first one. */
  readonly attempt: number;
  readonly msPerToken: number;
  /** How long the check has to watch the server at least. */
  readonly leastLimitMs: number;
  readonly limits: ConformanceProfile["limits"];
  /** A length that the server has refused. */
  readonly refused: number | undefined;
}

/**
 * The tokens of a job to be left: longer for a fast server and for a further attempt, shorter only where the server refused more.
 *
 * @returns with the half of its duration: a server that goes on for as long has not noticed that its client left.
 */
export function chooseLength(facts: LengthFacts): { readonly length: number; readonly limitMs: number } {
  const { msPerToken } = facts;
  const length = Math.max(1, Math.min(findLength(facts), mostTokens(facts)));
  return { length, limitMs: (length * msPerToken) / 2 };
}

function findLength({ attempt, msPerToken, leastLimitMs, refused }: LengthFacts): number {
  if (refused !== undefined) return LENGTHS.findLast((length) => length < refused) ?? Math.floor(refused / 2);
  const wanted = attempt === 1 ? Math.max(USUAL_LENGTH, (2 * leastLimitMs) / msPerToken) : Infinity;
  return LENGTHS.find((length) => length >= wanted) ?? LONGEST;
}

function mostTokens({ limits }: LengthFacts): number {
  const { maxTokens = Infinity, contextTokens = Infinity } = limits ?? {};
  return Math.min(maxTokens, Math.max(Math.floor(contextTokens / 2), contextTokens - PROMPT_TOKENS));
}
