import type { SequenceEvaluateOptions, Token } from "node-llama-cpp";
import type { EngineRequest } from "../engine.js";

/**
 * Below this, temperature and repetition penalty would overflow the 32-bit floats of the sampler (a logit divided twice
 * by them) and become NaN: a lower temperature means greedy, a lower penalty is raised to this value.
 */
const SMALLEST = 1e-6;

/** llama.cpp reads this seed as "choose one at random". */
const RANDOM_SEED = 0xffff_ffff;
const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** Inputs of the sampler besides the request. */
export interface SamplingContext {
  /** Prompt and output so far; grows while the job runs. */
  readonly history: readonly Token[];
  /** Context tokens per slot, and so the longest history. */
  readonly contextLength: number;
}

/**
 * Maps a request to the sampler chain of llama.cpp: repetition penalty, top-k, top-p, min-p, temperature, draw. The
 * filters use the probabilities before temperature. The penalty covers the whole prompt and output, as in Hugging Face
 * transformers: a positive logit is divided by it, a negative one multiplied.
 */
export function toSamplingOptions(request: EngineRequest, context: SamplingContext): SequenceEvaluateOptions {
  const { top_k, top_p, min_p, repetition_penalty } = request;
  const options = {
    temperature: request.temperature < SMALLEST ? 0 : request.temperature,
    topP: top_p,
    minP: min_p,
    seed: toNativeSeed(request.seed),
    // `topK: 0` sorts the whole vocabulary needlessly (8 ms per token at 151,000 tokens); null leaves the filter out.
    topK: top_k === 0 ? null : top_k,
  };
  const repeatPenalty = {
    penalty: Math.max(repetition_penalty, SMALLEST),
    punishTokens: () => context.history as Token[],
    // A fixed size for the whole job: a growing window would rebuild the native sampler for every token.
    maxPunishTokens: context.contextLength,
  };
  const sampling = repetition_penalty === 1 ? options : { ...options, repeatPenalty };
  return sampling as SequenceEvaluateOptions; // null is accepted, although not in the type
}

/**
 * Folds a u64 seed into the 32 bits of llama.cpp so that every bit matters (the finalizer of SplitMix64, upper half).
 * Never 2^32-1, which would mean a random seed.
 */
export function toNativeSeed(seed: bigint): number {
  let bits = (seed + 0x9e37_79b9_7f4a_7c15n) & MASK_64;
  bits = ((bits ^ (bits >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
  bits = ((bits ^ (bits >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
  const folded = Number((bits ^ (bits >> 31n)) >> 32n);
  return folded === RANDOM_SEED ? RANDOM_SEED - 1 : folded;
}
