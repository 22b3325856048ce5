import * as v from "valibot";
import { parseBody } from "../body.js";
import { checkChat } from "../check-chat.js";
import { createBodyEncoder, type Collected } from "../collected.js";
import type { AnswerFacts, Ask, Dialect, JsonObject, ServedModel } from "../dialect.js";
import { requireModel } from "../failures.js";
import { requireFeature } from "../features.js";
import * as f from "../fields.js";
import { message, tool, toMessage, toolChoice, toTool, toToolChoice } from "./chat-messages.js";
import { createChatStream } from "./chat-stream.js";
import { COMMON, toFinishReason, toLogprobs, toSampling, toSeconds, toUsage } from "./common.js";
import { OPENAI_ERRORS } from "./errors.js";
import { responseFormat, toFormat } from "./response-format.js";

/** The body of `POST /v1/chat/completions`. */
export const CHAT_REQUEST = v.object({
  ...COMMON,
  messages: v.array(message),
  max_tokens: f.optional(f.tokenLimit),
  max_completion_tokens: f.optional(f.tokenLimit),
  tools: f.optional(v.array(tool)),
  tool_choice: f.optional(toolChoice),
  parallel_tool_calls: f.optional(v.boolean()),
  response_format: f.optional(responseFormat),
  logprobs: f.optional(v.boolean()),
  top_logprobs: f.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20))),
  modalities: f.optional(v.array(v.literal("text", "is not supported: the only modality is `text`"))),
  audio: f.unsupported,
  prediction: f.unsupported,
  functions: f.unsupported,
  function_call: f.unsupported,
  web_search_options: f.unsupported,
});
type ChatRequest = v.InferOutput<typeof CHAT_REQUEST>;

/** OpenAI's chat completions. */
export const openAiChat: Dialect = {
  read(body: JsonObject, served: ServedModel): Ask {
    const fields = parseBody(CHAT_REQUEST, body);
    requireModel(fields.model, served);
    const chat = checkChat({
      messages: fields.messages.map(toMessage),
      tools: fields.tools?.map(toTool) ?? [],
      toolChoice: toToolChoice(fields.tool_choice),
    });
    if (chat.tools.length > 0) requireFeature(served, "tools", "tools");
    if (fields.logprobs === true) requireFeature(served, "logprobs", "logprobs");
    return {
      model: fields.model,
      input: chat,
      sampling: toSampling(fields),
      maxTokens: fields.max_completion_tokens ?? fields.max_tokens ?? undefined,
      format: toFormat(fields.response_format),
      ignoreEos: fields.ignore_eos === true,
      topLogprobs: fields.logprobs === true ? (fields.top_logprobs ?? 0) : undefined,
      names: { prompt: "messages" },
      idPrefix: "chatcmpl-",
      createEncoder: (facts) => createEncoder(fields, facts),
    };
  },
};

function createEncoder({ stream, stream_options }: ChatRequest, facts: AnswerFacts) {
  if (stream === true) return createChatStream(facts, { withUsage: stream_options?.include_usage === true });
  return createBodyEncoder({
    dialect: "openai-chat",
    textKey: "choices",
    errors: OPENAI_ERRORS,
    toBody: (collected) => toCompletion(facts, collected),
  });
}

function toCompletion(facts: AnswerFacts, { text, reasoning, toolCalls, end, usage, scores }: Collected) {
  const calls = toolCalls.map(({ id, ...call }) => ({ id, type: "function", function: call }));
  const answer = {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    id: facts.id,
    object: "chat.completion",
    created: toSeconds(facts.createdAtMs),
    model: facts.model,
    choices: [
      {
        index: 0,
        message: answer,
        logprobs: toLogprobs(scores),
        finish_reason: toFinishReason(end.stop_reason),
        stop_reason: end.stop_sequence_matched ?? null,
      },
    ],
    usage: toUsage(end.tokens_out, facts.promptTokens, usage),
  };
}
