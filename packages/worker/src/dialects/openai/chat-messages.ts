import * as v from "valibot";
import type { ChatMessage, Tool, ToolChoice } from "../../engine/chat.js";
import * as f from "../fields.js";

const textPart = v.object({
  type: v.literal("text", "is not supported: a part of a message must be `text`"),
  text: v.string(),
});
const content = v.union([v.string(), v.array(textPart)]);
const toolCall = v.object({
  id: v.string(),
  type: v.optional(v.literal("function", "is not supported: a call must be of a `function`")),
  function: v.object({ name: v.string(), arguments: v.string() }),
});

export const message = v.object({
  role: v.picklist(["system", "developer", "user", "assistant", "tool"]),
  content: f.optional(content),
  reasoning_content: f.optional(v.string()),
  tool_calls: f.optional(v.array(toolCall)),
  tool_call_id: f.optional(v.string()),
  audio: f.unsupported,
  function_call: f.unsupported,
});

export const tool = v.object({
  type: v.literal("function", "is not supported: a tool must be a `function`"),
  function: v.object({
    name: f.nonEmpty,
    description: f.optional(v.string()),
    parameters: f.optional(f.jsonSchema),
  }),
});

export const toolChoice = v.union([
  v.picklist(["auto", "none", "required"]),
  v.object({ type: v.literal("function", "is not supported"), function: v.object({ name: v.string() }) }),
]);

type MessageFields = v.InferOutput<typeof message>;

/** Text of a content that may be in parts. */
export function textOf(parts: string | readonly { readonly text: string }[] | null | undefined): string {
  return typeof parts === "string" ? parts : (parts ?? []).map(({ text }) => text).join("");
}

export function toMessage(fields: MessageFields): ChatMessage {
  const toolCalls = fields.tool_calls?.map(({ id, function: call }) => ({ id, ...call }));
  return {
    role: fields.role === "developer" ? "system" : fields.role,
    content: textOf(fields.content),
    reasoning: fields.reasoning_content ?? undefined,
    toolCalls,
    toolCallId: fields.tool_call_id ?? undefined,
  };
}

export function toTool({ function: { name, description, parameters } }: v.InferOutput<typeof tool>): Tool {
  return { name, description: description ?? undefined, parameters: parameters ?? { type: "object", properties: {} } };
}

export function toToolChoice(choice: v.InferOutput<typeof toolChoice> | null | undefined): ToolChoice {
  return typeof choice === "object" && choice !== null ? { name: choice.function.name } : (choice ?? "auto");
}
