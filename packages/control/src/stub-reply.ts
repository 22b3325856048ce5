import * as v from "valibot";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(count, v.minValue(1));
const nonEmpty = v.pipe(v.string(), v.minLength(1));
/** A list is one token each; a text is cut at its spaces. */
const text = v.lazy<v.GenericSchema<string | string[]>>((input) =>
  Array.isArray(input) ? v.pipe(v.array(nonEmpty), v.minLength(1)) : nonEmpty,
);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** An object is written as JSON; a text is sent unchanged, even if it is not JSON. */
const callArguments = v.lazy<v.GenericSchema<string | Record<string, unknown>>>((input) =>
  typeof input === "string" ? v.string() : v.custom<Record<string, unknown>>(isObject, "Expected an object or a text"),
);

const when = v.strictObject({
  contains: v.optional(nonEmpty),
  conversationContains: v.optional(nonEmpty),
  role: v.optional(v.picklist(["system", "user", "assistant", "tool"])),
  turn: v.optional(positive),
  tool: v.optional(nonEmpty),
});

/** The schema of one {@link StubReplyInput}. */
export const stubReply = v.strictObject({
  when: v.optional(when, {}),
  times: v.optional(positive),
  reasoning: v.optional(text),
  text: v.optional(text),
  toolCalls: v.optional(
    v.array(v.strictObject({ id: v.optional(nonEmpty), name: nonEmpty, arguments: v.optional(callArguments, {}) })),
  ),
  stopReason: v.optional(v.picklist(["eos", "max_tokens", "tool_calls", "content_filter"])),
  usage: v.optional(
    v.strictObject({
      promptTokens: v.optional(count),
      completionTokens: v.optional(count),
      cachedTokens: v.optional(count),
      reasoningTokens: v.optional(count),
    }),
  ),
});

/**
 * What the stub replies, and to which request:
 * - `when`: every given condition must hold. `contains`: a text in the last message (or in the prompt); `conversationContains`: a text in
 * any message; `role`: who wrote the last message, `tool` for the result of a call; `turn`: 1 for the first answer of a conversation, then
 * one more for each answer in it; `tool`: the name of a tool that the request offers. Without `when` it fits every request;
 * - `times`: how many requests it is for; after that it does not fit any more. Default: no limit;
 * - `reasoning`, `text`: a text, which is cut at its spaces, or a list of exactly these tokens;
 * - `toolCalls`: `[{ id?, name, arguments? }]`; `arguments` is an object, or a text that is sent unchanged;
 * - `stopReason`: `eos`, `max_tokens`, `tool_calls` or `content_filter`. Default: `tool_calls` with calls, else `eos`. The `max_tokens` and
 *   the stop sequences of the request still end the reply before;
 * - `usage`: `promptTokens`, `completionTokens`, `cachedTokens`, `reasoningTokens` to report instead of the real counts.
 */
export type StubReplyInput = v.InferInput<typeof stubReply>;
/** The same with every default filled in. */
export type StubReply = v.InferOutput<typeof stubReply>;

/** What of a request decides which reply it gets. */
export interface ReplyQuestion {
  /** The texts of the conversation, or the prompt alone; the last one is answered. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly toolNames: readonly string[];
}

/** Whether a reply matches this request, regardless of its `times`. */
export function replyFits({ when: wanted }: StubReply, { messages, toolNames }: ReplyQuestion): boolean {
  const last = messages.at(-1);
  const turn = 1 + messages.filter(({ role }) => role === "assistant").length;
  const { contains, conversationContains, role, tool } = wanted;
  if (contains !== undefined && last?.content.includes(contains) !== true) return false;
  if (conversationContains !== undefined && !messages.some(({ content }) => content.includes(conversationContains))) {
    return false;
  }
  if (role !== undefined && last?.role !== role) return false;
  if (wanted.turn !== undefined && wanted.turn !== turn) return false;
  return tool === undefined || toolNames.includes(tool);
}
