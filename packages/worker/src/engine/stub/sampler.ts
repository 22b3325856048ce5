import type { EngineRequest } from "../engine.js";

type SamplingParameters = Pick<EngineRequest, "temperature" | "top_p" | "top_k" | "min_p" | "repetition_penalty">;

interface Candidate {
  readonly token: number;
  probability: number;
}

/**
 * The sampling chain of a real engine on a handful of logits: repetition penalty, temperature, top-k, top-p, min-p, draw.
 * So every sampling parameter of a request has its effect in stub mode as well.
 *
 * @param logits Logit of each token; changed in place.
 * @param draw A number in [0, 1) that decides.
 */
export function sampleToken(
  logits: Float64Array,
  recent: ReadonlySet<number>,
  options: SamplingParameters & { readonly draw: number },
): number {
  penalise(logits, recent, options.repetition_penalty);
  if (options.temperature === 0) return argMax(logits);
  const candidates = softmax(logits, options.temperature);
  const kept = keepMinP(keepTopP(keepTopK(candidates, options.top_k), options.top_p), options.min_p);
  return pick(kept, options.draw);
}

function penalise(logits: Float64Array, recent: ReadonlySet<number>, penalty: number): void {
  for (const token of recent) {
    const logit = logits[token] ?? 0;
    logits[token] = logit > 0 ? logit / penalty : logit * penalty;
  }
}

function argMax(logits: Float64Array): number {
  return logits.reduce((best, logit, token) => (logit > (logits[best] ?? -Infinity) ? token : best), 0);
}

/** Probabilities, the likeliest first; ties in the order of the vocabulary. */
function softmax(logits: Float64Array, temperature: number): Candidate[] {
  const highest = logits[argMax(logits)] ?? 0;
  const weights = Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const candidates = weights.map((weight, token) => ({ token, probability: weight / sum }));
  return candidates.sort((a, b) => b.probability - a.probability);
}

function keepTopK(candidates: Candidate[], topK: number): Candidate[] {
  return topK === 0 ? candidates : candidates.slice(0, topK);
}

/** The smallest set of the likeliest tokens whose probabilities reach `topP`; at least one. */
function keepTopP(candidates: Candidate[], topP: number): Candidate[] {
  if (topP >= 1) return candidates;
  let sum = 0;
  const last = candidates.findIndex(({ probability }) => (sum += probability) >= topP);
  return last === -1 ? candidates : candidates.slice(0, last + 1);
}

function keepMinP(candidates: Candidate[], minP: number): Candidate[] {
  const floor = (candidates[0]?.probability ?? 0) * minP;
  return minP === 0 ? candidates : candidates.filter(({ probability }) => probability >= floor);
}

function pick(candidates: Candidate[], draw: number): number {
  const sum = candidates.reduce((total, { probability }) => total + probability, 0);
  let rest = draw * sum;
  for (const { token, probability } of candidates) if ((rest -= probability) < 0) return token;
  return candidates.at(-1)?.token ?? 0;
}
