import * as v from "valibot";
import { parseBody } from "../body.js";
import { checkChat } from "../check-chat.js";
import { createBodyEncoder, type Collected } from "../collected.js";
import type { AnswerFacts, Ask, Dialect, JsonObject, ServedModel } from "../dialect.js";
import { requireModel } from "../failures.js";
import { requireFeature } from "../features.js";
import * as f from "../fields.js";
import { OPENAI_ERRORS } from "./errors.js";
import {
  completeItems,
  responseInput,
  responseTool,
  responseToolChoice,
  toMessages,
  toTool,
  toToolChoice,
} from "./response-input.js";
import { textFormat, toFormat } from "./response-format.js";
import { toItems, toResponse } from "./response-object.js";
import { RESPONSE_ITEMS } from "./response-store.js";
import { createResponseStream } from "./response-stream.js";

/** The body of `POST /v1/responses`. */
export const RESPONSE_REQUEST = v.object({
  model: f.nonEmpty,
  input: responseInput,
  instructions: f.optional(v.string()),
  max_output_tokens: f.optional(f.tokenLimit),
  stream: f.optional(v.boolean()),
  temperature: f.temperature,
  top_p: f.share,
  seed: f.optional(f.seed),
  stop: f.optional(f.stop),
  top_k: f.topK,
  min_p: f.share,
  repetition_penalty: f.penalty,
  tools: f.optional(v.array(responseTool)),
  tool_choice: f.optional(responseToolChoice),
  text: f.optional(v.object({ format: f.optional(textFormat) })),
  truncation: f.only("disabled"),
  background: f.only(false),
  top_logprobs: f.only(0),
  max_tool_calls: f.unsupported,
  previous_response_id: f.unsupported,
  conversation: f.unsupported,
  prompt: f.unsupported,
});
type ResponseRequest = v.InferOutput<typeof RESPONSE_REQUEST>;

/** OpenAI's responses. Nothing is stored: every request holds the whole conversation. */
export const openAiResponses: Dialect = {
  read(body: JsonObject, served: ServedModel): Ask {
    const fields = parseBody(RESPONSE_REQUEST, completeItems(body, RESPONSE_ITEMS));
    requireModel(fields.model, served);
    const messages = toMessages(fields.input, fields.instructions);
    const tools = fields.tools?.map(toTool) ?? [];
    if (tools.length > 0) requireFeature(served, "tools", "tools");
    return {
      model: fields.model,
      input: checkChat({ messages, tools, toolChoice: toToolChoice(fields.tool_choice) }, "input"),
      sampling: toSampling(fields),
      maxTokens: fields.max_output_tokens ?? undefined,
      format: toFormat(fields.text?.format),
      names: { prompt: "input" },
      idPrefix: "resp_",
      createEncoder: (facts) => createEncoder(fields, facts),
    };
  },
};

function toSampling(fields: ResponseRequest): Ask["sampling"] {
  return {
    temperature: fields.temperature ?? undefined,
    top_p: fields.top_p ?? undefined,
    seed: fields.seed,
    stop: f.toStops(fields.stop),
    top_k: f.toTopK(fields.top_k),
    min_p: fields.min_p ?? undefined,
    repetition_penalty: fields.repetition_penalty ?? undefined,
  };
}

function createEncoder(fields: ResponseRequest, facts: AnswerFacts) {
  if (fields.stream === true) return createResponseStream(facts);
  return createBodyEncoder({
    dialect: "openai-responses",
    textKey: "output",
    errors: OPENAI_ERRORS,
    toBody: (collected) => toBody(facts, collected),
  });
}

function toBody(facts: AnswerFacts, collected: Collected): object {
  const output = toItems(facts, collected);
  for (const item of output) RESPONSE_ITEMS.add(item);
  return toResponse(facts, { output, end: collected.end, usage: collected.usage });
}
