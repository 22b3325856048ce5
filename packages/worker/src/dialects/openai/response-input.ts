import * as v from "valibot";
import type { ChatMessage, Tool, ToolChoice } from "../../engine/chat.js";
import type { JsonObject } from "../dialect.js";
import { invalidField } from "../failures.js";
import * as f from "../fields.js";
import { textOf } from "./chat-messages.js";
import type { ItemStore } from "./response-store.js";

const part = v.object({
  type: v.picklist(["input_text", "output_text"], "is not supported: a part must be `input_text` or `output_text`"),
  text: v.string(),
});
const messageItem = v.object({
  type: v.literal("message"),
  role: v.picklist(["system", "developer", "user", "assistant"]),
  content: v.union([v.string(), v.array(part)]),
});
const callItem = v.object({
  type: v.literal("function_call"),
  call_id: v.string(),
  name: v.string(),
  arguments: v.string(),
});
const outputItem = v.object({
  type: v.literal("function_call_output"),
  call_id: v.string(),
  output: v.union([v.string(), v.array(part)]),
});
const reasoningItem = v.object({
  type: v.literal("reasoning"),
  content: f.optional(v.array(v.object({ text: v.string() }))),
});

/** The `input` of a response: a text, or the items of a conversation. */
export const responseInput = v.union([
  v.string(),
  v.array(v.variant("type", [messageItem, callItem, outputItem, reasoningItem])),
]);
type Item = Exclude<v.InferOutput<typeof responseInput>, string>[number];

export const responseTool = v.object({
  type: v.literal("function", "is not supported: a tool must be a `function`"),
  name: f.nonEmpty,
  description: f.optional(v.string()),
  parameters: f.optional(f.jsonSchema),
});

export const responseToolChoice = v.union([
  v.picklist(["auto", "none", "required"]),
  v.object({ type: v.literal("function", "is not supported"), name: v.string() }),
]);

/**
 * Completes the items of a body: one without a type is a message, and a reference becomes the item that it refers to.
 *
 * @throws {WorkerError} INVALID_REQUEST an item that is not known (any more).
 */
export function completeItems(body: JsonObject, store: ItemStore): JsonObject {
  const { input } = body;
  return Array.isArray(input) ? { ...body, input: input.map((item, index) => completeItem(item, index, store)) } : body;
}

function completeItem(item: unknown, index: number, store: ItemStore): unknown {
  if (typeof item !== "object" || item === null) return item;
  const { type, id } = item as JsonObject;
  if (type === undefined) return { type: "message", ...item };
  if (type !== "item_reference") return item;
  const found = typeof id === "string" ? store.find(id) : undefined;
  if (found === undefined)
    throw invalidField(`input[${index}].id`, "refers to an item that this worker does not have: send the item itself");
  return found;
}

/** The conversation. Calls that follow each other are of one message of the assistant. */
export function toMessages(
  input: v.InferOutput<typeof responseInput>,
  instructions: string | null | undefined,
): ChatMessage[] {
  const system: ChatMessage[] = typeof instructions === "string" ? [{ role: "system", content: instructions }] : [];
  if (typeof input === "string") return [...system, { role: "user", content: input }];
  return joinTurns([...system, ...input.map(toMessage)]);
}

function toMessage(item: Item): ChatMessage {
  if (item.type === "message") {
    return { role: item.role === "developer" ? "system" : item.role, content: textOf(item.content) };
  }
  if (item.type === "function_call_output") {
    return { role: "tool", content: textOf(item.output), toolCallId: item.call_id };
  }
  if (item.type === "reasoning") return { role: "assistant", content: "", reasoning: textOf(item.content) };
  return {
    role: "assistant",
    content: "",
    toolCalls: [{ id: item.call_id, name: item.name, arguments: item.arguments }],
  };
}

/** One turn of the assistant arrives as items of reasoning, text and calls. */
function joinTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.role === "assistant" && message.role === "assistant") joined[joined.length - 1] = join(last, message);
    else joined.push(message);
  }
  return joined;
}

function join(first: ChatMessage, second: ChatMessage): ChatMessage {
  const calls = [...(first.toolCalls ?? []), ...(second.toolCalls ?? [])];
  const reasoning = (first.reasoning ?? "") + (second.reasoning ?? "");
  return {
    role: "assistant",
    content: first.content + second.content,
    reasoning: reasoning === "" ? undefined : reasoning,
    toolCalls: calls.length === 0 ? undefined : calls,
  };
}

export function toTool({ name, description, parameters }: v.InferOutput<typeof responseTool>): Tool {
  return { name, description: description ?? undefined, parameters: parameters ?? { type: "object", properties: {} } };
}

export function toToolChoice(choice: v.InferOutput<typeof responseToolChoice> | null | undefined): ToolChoice {
  return typeof choice === "object" && choice !== null ? { name: choice.name } : (choice ?? "auto");
}
