import * as v from "valibot";
import type { ChatMessage } from "../../engine/chat.js";
import { parseBody } from "../body.js";
import { checkChat } from "../check-chat.js";
import type { Ask, Dialect, JsonObject, ServedModel } from "../dialect.js";
import { requireFeature } from "../features.js";
import * as f from "../fields.js";
import { tool, toTool } from "../openai/chat-messages.js";
import { COMMON, OPTION_NAMES, readCommon } from "./common.js";
import { createLines, type Said } from "./lines.js";

const message = v.object({
  role: v.picklist(["system", "user", "assistant", "tool"]),
  content: f.optional(v.string()),
  thinking: f.optional(v.string()),
  images: f.onlyEmptyList,
  tool_calls: f.optional(v.array(v.object({ function: v.object({ name: v.string(), arguments: f.jsonSchema }) }))),
});

/** The body of `POST /api/chat`. */
export const OLLAMA_CHAT_REQUEST = v.object({
  ...COMMON,
  messages: v.array(message),
  tools: f.optional(v.array(tool)),
});

/** Ollama's chat: a stream unless it says otherwise. */
export const ollamaChat: Dialect = {
  read(body: JsonObject, served: ServedModel): Ask {
    const fields = parseBody(OLLAMA_CHAT_REQUEST, body);
    const common = readCommon(fields, served);
    const tools = fields.tools?.map(toTool) ?? [];
    if (tools.length > 0) requireFeature(served, "tools", "tools");
    return {
      ...common,
      input: checkChat({ messages: fields.messages.map(toMessage), tools, toolChoice: "auto" }),
      names: { ...OPTION_NAMES, prompt: "messages" },
      idPrefix: "chat-",
      createEncoder: (facts) =>
        createLines(facts, fields.stream ?? true, { dialect: "ollama-chat", textKey: "message", say }),
    };
  },
};

function toMessage({ role, content, thinking, tool_calls }: v.InferOutput<typeof message>): ChatMessage {
  const toolCalls = tool_calls?.map(({ function: call }, index) => ({
    id: `call_${index}`,
    name: call.name,
    arguments: JSON.stringify(call.arguments),
  }));
  return { role, content: content ?? "", reasoning: thinking ?? undefined, toolCalls };
}

function say({ text, reasoning, toolCalls }: Said): object {
  const calls = toolCalls.map(({ name, arguments: json }) => ({ function: { name, arguments: parse(json) } }));
  const thinking = reasoning === "" ? {} : { thinking: reasoning };
  return {
    message: { role: "assistant", content: text, ...thinking, ...(calls.length === 0 ? {} : { tool_calls: calls }) },
  };
}

/** A script may say what is not JSON: a line can only carry it as text. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json === "" ? "{}" : json);
  } catch {
    return json;
  }
}
