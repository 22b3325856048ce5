import * as v from "valibot";
import type { Chat, ToolChoice } from "../../engine/chat.js";
import { parseBody } from "../body.js";
import { createBodyEncoder } from "../collected.js";
import type { AnswerFacts, Ask, Dialect, JsonObject, ServedModel } from "../dialect.js";
import { checkChat } from "../check-chat.js";
import { requireModel } from "../failures.js";
import { requireFeature } from "../features.js";
import * as f from "../fields.js";
import { anthropicMessage, joinText, textBlock, toMessages } from "./content.js";
import { ANTHROPIC_ERRORS } from "./errors.js";
import { toBlocks, toMessage } from "./message-object.js";
import { createMessageStream } from "./message-stream.js";

const tool = v.object({
  type: v.optional(v.literal("custom", "is not supported: a tool must be `custom`")),
  name: f.nonEmpty,
  description: f.optional(v.string()),
  input_schema: f.jsonSchema,
});

const toolChoice = v.variant("type", [
  v.object({ type: v.literal("auto") }),
  v.object({ type: v.literal("any") }),
  v.object({ type: v.literal("none") }),
  v.object({ type: v.literal("tool"), name: v.string() }),
]);

const outputFormat = v.object({ type: v.literal("json_schema", "is not supported"), schema: f.jsonSchema });

/** The body of `POST /v1/messages`. */
export const MESSAGE_REQUEST = v.object({
  model: f.nonEmpty,
  messages: v.array(anthropicMessage),
  max_tokens: f.tokenLimit,
  system: f.optional(v.union([v.string(), v.array(textBlock)])),
  stream: f.optional(v.boolean()),
  temperature: f.share,
  top_p: f.share,
  top_k: f.topK,
  seed: f.optional(f.seed),
  stop_sequences: f.optional(f.stopList),
  tools: f.optional(v.array(tool)),
  tool_choice: f.optional(toolChoice),
  thinking: f.optional(v.object({ type: v.picklist(["enabled", "disabled", "adaptive"]) })),
  output_config: f.optional(v.object({ format: f.optional(outputFormat) })),
  mcp_servers: f.onlyEmptyList,
  container: f.unsupported,
});
type MessageRequest = v.InferOutput<typeof MESSAGE_REQUEST>;

/** Anthropic's messages. */
export const anthropicMessages: Dialect = {
  read(body: JsonObject, served: ServedModel): Ask {
    const fields = parseBody(MESSAGE_REQUEST, body);
    requireModel(fields.model, served);
    const chat = checkChat(toChat(fields));
    if (chat.tools.length > 0) requireFeature(served, "tools", "tools");
    if ((fields.thinking?.type ?? "disabled") !== "disabled") requireFeature(served, "thinking", "thinking");
    const format = fields.output_config?.format;
    return {
      model: fields.model,
      input: chat,
      sampling: {
        temperature: fields.temperature ?? undefined,
        top_p: fields.top_p ?? undefined,
        top_k: f.toTopK(fields.top_k),
        seed: fields.seed,
        stop: fields.stop_sequences ?? undefined,
      },
      maxTokens: fields.max_tokens,
      format: format == null ? undefined : { kind: "json_schema", schema: format.schema },
      names: { prompt: "messages", stop: "stop_sequences" },
      idPrefix: "msg_",
      createEncoder: (facts) => createEncoder(fields, facts),
    };
  },
};

function toChat({ messages, system, tools, tool_choice }: MessageRequest): Chat {
  const first = system == null ? [] : [{ role: "system", content: joinText(system) } as const];
  return {
    messages: messages.length === 0 ? [] : [...first, ...messages.flatMap(toMessages)],
    tools: (tools ?? []).map(({ name, description, input_schema }) => ({
      name,
      description: description ?? undefined,
      parameters: input_schema,
    })),
    toolChoice: toToolChoice(tool_choice),
  };
}

function toToolChoice(choice: MessageRequest["tool_choice"]): ToolChoice {
  if (choice == null) return "auto";
  if (choice.type === "tool") return { name: choice.name };
  return choice.type === "any" ? "required" : choice.type;
}

function createEncoder(fields: MessageRequest, facts: AnswerFacts) {
  if (fields.stream === true) return createMessageStream(facts);
  return createBodyEncoder({
    dialect: "anthropic",
    textKey: "content",
    errors: ANTHROPIC_ERRORS,
    toBody: (collected) =>
      toMessage(facts, { content: toBlocks(collected), end: collected.end, usage: collected.usage }),
  });
}
