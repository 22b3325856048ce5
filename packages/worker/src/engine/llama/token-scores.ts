import type { Token } from "node-llama-cpp";
import type { EngineOutput, TokenScore } from "../engine.js";
import type { TokenBytes } from "./token-bytes.js";

/** A token as the binding reports it, with what was asked for. */
export interface SampledToken {
  readonly token: Token;
  readonly confidence?: number;
  /** From the likeliest to the least likely. */
  readonly probabilities?: ReadonlyMap<Token, number>;
}

/** What the binding has to report for `topLogprobs`. The list of all probabilities costs a pass over the vocabulary. */
export function toMetadataOptions(topLogprobs: number | undefined) {
  return { confidence: topLogprobs !== undefined, probabilities: (topLogprobs ?? 0) > 0 };
}

/** The bytes of a token; with its score, if it has one. */
export function toOutput(sampled: SampledToken, bytes: TokenBytes, topLogprobs: number | undefined): EngineOutput {
  const own = bytes.of(sampled.token);
  if (topLogprobs === undefined) return own;
  const score: TokenScore = {
    bytes: own,
    logprob: toLogprob(sampled.confidence ?? 0),
    top: likeliest(sampled, bytes, topLogprobs),
  };
  return { kind: "scored", bytes: own, score };
}

function likeliest({ probabilities }: SampledToken, bytes: TokenBytes, count: number): TokenScore["top"] {
  const top: { bytes: Uint8Array; logprob: number }[] = [];
  if (count === 0) return top;
  for (const [token, probability] of probabilities ?? []) {
    top.push({ bytes: bytes.of(token), logprob: toLogprob(probability) });
    if (top.length === count) break;
  }
  return top;
}

/** JSON has no infinity; OpenAI writes -9999 for what cannot happen. */
function toLogprob(probability: number): number {
  return probability > 0 ? Math.log(probability) : -9999;
}
