import type { StopReason } from "inference-worker-protocol";
import * as v from "valibot";
import type { ReportedUsage, TokenScore } from "../../engine/engine.js";
import type { Sampling } from "../dialect.js";
import * as f from "../fields.js";

/** Fields of completions and chat completions alike; the second half are extensions of vLLM and llama-server. */
export const COMMON = {
  model: f.nonEmpty,
  stream: f.optional(v.boolean()),
  stream_options: f.optional(v.object({ include_usage: f.optional(v.boolean()) })),
  temperature: f.temperature,
  top_p: f.share,
  seed: f.optional(f.seed),
  stop: f.optional(f.stop),
  n: f.only(1),
  presence_penalty: f.only(0),
  frequency_penalty: f.only(0),
  logit_bias: f.onlyEmptyObject,
  top_k: f.topK,
  min_p: f.share,
  repetition_penalty: f.penalty,
  repeat_penalty: f.penalty,
  ignore_eos: f.optional(v.boolean()),
  min_tokens: f.only(0),
  stop_token_ids: f.onlyEmptyList,
  bad_words: f.onlyEmptyList,
  prompt_logprobs: f.unsupported,
  guided_json: f.unsupported,
  guided_regex: f.unsupported,
  guided_choice: f.unsupported,
  guided_grammar: f.unsupported,
  structured_outputs: f.unsupported,
  grammar: f.unsupported,
} as const;

type CommonFields = v.InferOutput<v.ObjectSchema<typeof COMMON, undefined>>;

/** The sampling of both kinds of completions. */
export function toSampling(body: CommonFields): Sampling {
  return {
    temperature: body.temperature ?? undefined,
    top_p: body.top_p ?? undefined,
    seed: body.seed,
    stop: f.toStops(body.stop),
    top_k: f.toTopK(body.top_k),
    min_p: body.min_p ?? undefined,
    repetition_penalty: body.repetition_penalty ?? body.repeat_penalty ?? undefined,
  };
}

/** `stop` is both the end of the sequence and a stop sequence; `stop_reason` of a choice says which, as vLLM does. */
export function toFinishReason(reason: StopReason): string {
  if (reason === "max_tokens") return "length";
  return reason === "tool_calls" || reason === "content_filter" ? reason : "stop";
}

export function toUsage(tokensOut: number, promptTokens: number, reported: ReportedUsage = {}) {
  const prompt = reported.promptTokens ?? promptTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: tokensOut,
    total_tokens: prompt + tokensOut,
    prompt_tokens_details: { cached_tokens: reported.cachedTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: reported.reasoningTokens ?? 0 },
  };
}

/** Times of OpenAI are whole seconds. */
export function toSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}

/** The `logprobs` of a choice of a chat. */
export function toLogprobs(scores: readonly TokenScore[] | undefined) {
  if (scores === undefined || scores.length === 0) return null;
  return { content: scores.map((score) => ({ ...describe(score), top_logprobs: score.top.map(describe) })) };
}

function describe({ bytes, logprob }: Omit<TokenScore, "top">) {
  return { token: Buffer.from(bytes).toString(), logprob, bytes: [...bytes] };
}
