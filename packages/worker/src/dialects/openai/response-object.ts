import type { EndEvent } from "inference-worker-protocol";
import type { ReportedUsage } from "../../engine/engine.js";
import type { ToolCall } from "../../engine/chat.js";
import type { Collected } from "../collected.js";
import type { AnswerFacts, ErrorFacts } from "../dialect.js";
import { toSeconds } from "./common.js";
import { toErrorObject } from "./errors.js";

/** Why a response is not complete. */
const INCOMPLETE: Partial<Record<EndEvent["stop_reason"], string>> = {
  max_tokens: "max_output_tokens",
  content_filter: "content_filter",
};

/** An item of the output. */
export interface Item {
  readonly id: string;
  readonly type: string;
}

type ItemStatus = "in_progress" | "completed" | "incomplete";

export interface ResponseState {
  readonly output: readonly object[];
  readonly end?: EndEvent | undefined;
  readonly usage?: ReportedUsage | undefined;
  readonly error?: ErrorFacts | undefined;
}

/** The response object as it is now. */
export function toResponse(facts: AnswerFacts, { output, end, usage, error }: ResponseState) {
  const reason = end === undefined ? undefined : INCOMPLETE[end.stop_reason];
  return {
    id: facts.id,
    object: "response",
    created_at: toSeconds(facts.createdAtMs),
    status: error === undefined ? statusOf(end) : "failed",
    error: error === undefined ? null : { code: toErrorObject(error).code, message: error.message },
    incomplete_details: reason === undefined ? null : { reason },
    model: facts.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    stop_reason: end?.stop_sequence_matched ?? null,
    usage: end === undefined ? null : toUsage(facts, end, usage),
  };
}

export function statusOf(end: EndEvent | undefined): ItemStatus {
  if (end === undefined) return "in_progress";
  return INCOMPLETE[end.stop_reason] === undefined ? "completed" : "incomplete";
}

function toUsage({ promptTokens }: AnswerFacts, { tokens_out }: EndEvent, usage: ReportedUsage = {}) {
  const input = usage.promptTokens ?? promptTokens;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
    output_tokens: tokens_out,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: input + tokens_out,
  };
}

/** The items of a response: reasoning, the message, calls. */
export function toItems(facts: AnswerFacts, { text, reasoning, toolCalls, end }: Collected): Item[] {
  const status = statusOf(end);
  const items: Item[] = [];
  const id = (prefix: string) => itemId(prefix, facts, items.length);
  if (reasoning !== "") items.push(reasoningItem(id("rs"), reasoning));
  if (text !== "" || toolCalls.length === 0) items.push(messageItem(id("msg"), { text, status }));
  for (const call of toolCalls) items.push(callItem(id("fc"), call, status));
  return items;
}

export function itemId(prefix: string, { id }: AnswerFacts, index: number): string {
  return `${prefix}_${id.replace(/^resp_/, "")}_${index}`;
}

export function reasoningItem(id: string, text: string) {
  return { id, type: "reasoning", summary: [], content: text === "" ? [] : [{ type: "reasoning_text", text }] };
}

export function textPart(text: string) {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** @param options.text absent while the item has no part. */
export function messageItem(
  id: string,
  { text, status }: { readonly text?: string | undefined; readonly status: ItemStatus },
) {
  const content = text === undefined ? [] : [textPart(text)];
  return { id, type: "message", status, role: "assistant", content };
}

export function callItem(id: string, { id: callId, name, arguments: json }: ToolCall, status: ItemStatus) {
  return { id, type: "function_call", status, call_id: callId, name, arguments: json };
}
