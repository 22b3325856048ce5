import type { EndEvent, InferenceEvent } from "inference-worker-protocol";
import * as v from "valibot";
import type { AnswerEncoder, EventExtra } from "../../jobs/index.js";
import { parseBody } from "../body.js";
import { createBodyEncoder } from "../collected.js";
import type { AnswerFacts, Ask, Dialect, JsonObject, ServedModel } from "../dialect.js";
import { factsOfEvent, requireModel } from "../failures.js";
import * as f from "../fields.js";
import { dataFrame, SSE } from "../framing.js";
import { DONE, featuresOfStream } from "./chat-stream.js";
import { COMMON, toFinishReason, toSampling, toSeconds, toUsage } from "./common.js";
import { OPENAI_ERRORS } from "./errors.js";

/** The body of `POST /v1/completions`. */
export const COMPLETION_REQUEST = v.object({
  ...COMMON,
  prompt: v.union([v.string(), v.pipe(v.array(v.string()), v.length(1, "is not supported with several prompts"))]),
  max_tokens: f.optional(f.tokenLimit),
  best_of: f.only(1),
  echo: f.only(false),
  suffix: f.only(""),
  logprobs: f.unsupported,
});

/** OpenAI's completions. */
export const openAiCompletions: Dialect = {
  read(body: JsonObject, served: ServedModel): Ask {
    const fields = parseBody(COMPLETION_REQUEST, body);
    requireModel(fields.model, served);
    const withUsage = fields.stream_options?.include_usage === true;
    return {
      model: fields.model,
      input: typeof fields.prompt === "string" ? fields.prompt : (fields.prompt[0] ?? ""),
      sampling: toSampling(fields),
      maxTokens: fields.max_tokens ?? undefined,
      ignoreEos: fields.ignore_eos === true,
      names: {},
      idPrefix: "cmpl-",
      createEncoder: (facts) => (fields.stream === true ? createStream(facts, withUsage) : createBody(facts)),
    };
  },
};

const toHead = (facts: AnswerFacts) => ({
  id: facts.id,
  object: "text_completion",
  created: toSeconds(facts.createdAtMs),
  model: facts.model,
});

function toChoice(text: string, end?: EndEvent) {
  const choice = { index: 0, text, logprobs: null };
  if (end === undefined) return { ...choice, finish_reason: null };
  const stop_reason = end.stop_sequence_matched ?? null;
  return { ...choice, finish_reason: toFinishReason(end.stop_reason), stop_reason };
}

function createBody(facts: AnswerFacts): AnswerEncoder {
  return createBodyEncoder({
    dialect: "openai-completions",
    textKey: "choices",
    errors: OPENAI_ERRORS,
    toBody: ({ text, end, usage }) => ({
      ...toHead(facts),
      choices: [toChoice(text, end)],
      usage: toUsage(end.tokens_out, facts.promptTokens, usage),
    }),
  });
}

/** The chunks of a completion. Reasoning and calls of tools have no place in them: only chats have. */
function createStream(facts: AnswerFacts, withUsage: boolean): AnswerEncoder {
  const head = toHead(facts);
  const usage = withUsage ? { usage: null } : {};
  const encode = (event: InferenceEvent, extra?: EventExtra): string => {
    if (event.type === "token" && event.channel === undefined)
      return dataFrame({ ...head, choices: [toChoice(event.t)], ...usage });
    if (event.type === "error") return dataFrame(OPENAI_ERRORS.bodyOf(factsOfEvent(event)));
    if (event.type !== "end") return "";
    const last = dataFrame({ ...head, choices: [toChoice("", event)], ...usage });
    const counts = toUsage(event.tokens_out, facts.promptTokens, extra?.usage);
    return last + (withUsage ? dataFrame({ ...head, choices: [], usage: counts }) : "") + DONE;
  };
  const features = featuresOfStream(withUsage);
  const form = { dialect: "openai-completions", framing: "sse", textKey: "choices", features } as const;
  return { form, contentType: SSE, encode };
}
