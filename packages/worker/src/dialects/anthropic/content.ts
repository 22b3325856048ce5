import * as v from "valibot";
import type { ChatMessage, ToolCall } from "../../engine/chat.js";
import * as f from "../fields.js";

export const textBlock = v.object({
  type: v.literal("text", "is not supported: a block must be `text`"),
  text: v.string(),
});
const toolUse = v.object({ type: v.literal("tool_use"), id: v.string(), name: v.string(), input: f.jsonSchema });
const toolResult = v.object({
  type: v.literal("tool_result"),
  tool_use_id: v.string(),
  content: f.optional(v.union([v.string(), v.array(textBlock)])),
  is_error: f.optional(v.boolean()),
});
const thinking = v.object({ type: v.literal("thinking"), thinking: v.string() });
const block = v.variant("type", [textBlock, toolUse, toolResult, thinking]);

export const anthropicMessage = v.object({
  role: v.picklist(["user", "assistant"]),
  content: v.union([v.string(), v.array(block)]),
});

/** A message; a result of a tool in it is a message of its own. */
export function toMessages({ role, content }: v.InferOutput<typeof anthropicMessage>): ChatMessage[] {
  if (typeof content === "string") return [{ role, content }];
  const results: ChatMessage[] = [];
  const calls: ToolCall[] = [];
  let [text, reasoning] = ["", ""];
  for (const one of content) {
    if (one.type === "text") text += one.text;
    else if (one.type === "thinking") reasoning += one.thinking;
    else if (one.type === "tool_use") calls.push({ id: one.id, name: one.name, arguments: JSON.stringify(one.input) });
    else results.push({ role: "tool", content: joinText(one.content), toolCallId: one.tool_use_id });
  }
  const own: ChatMessage = {
    role,
    content: text,
    reasoning: reasoning === "" ? undefined : reasoning,
    toolCalls: calls.length === 0 ? undefined : calls,
  };
  const isEmpty = text === "" && calls.length === 0 && reasoning === "";
  return isEmpty && results.length > 0 ? results : [...results, own];
}

export function joinText(content: string | readonly { readonly text: string }[] | null | undefined): string {
  return typeof content === "string" ? content : (content ?? []).map(({ text }) => text).join("");
}
