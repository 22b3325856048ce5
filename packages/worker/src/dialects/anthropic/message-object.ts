import type { EndEvent, StopReason } from "inference-worker-protocol";
import type { ReportedUsage } from "../../engine/engine.js";
import type { Collected } from "../collected.js";
import type { AnswerFacts } from "../dialect.js";

const STOP_REASONS: Partial<Record<StopReason, string>> = {
  max_tokens: "max_tokens",
  stop_sequence: "stop_sequence",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

/** What signs reasoning, so that a client can send it back. */
export const SIGNATURE = "c3R1Yg==";

/** The message as it is now. */
export function toMessage(
  facts: AnswerFacts,
  {
    content,
    end,
    usage,
  }: { readonly content: readonly object[]; readonly end?: EndEvent; readonly usage?: ReportedUsage },
) {
  return {
    id: facts.id,
    type: "message",
    role: "assistant",
    model: facts.model,
    content,
    ...(end === undefined ? { stop_reason: null, stop_sequence: null } : toStop(end)),
    usage: { ...toInputUsage(facts, usage), output_tokens: end?.tokens_out ?? 0 },
  };
}

export function toStop({ stop_reason, stop_sequence_matched }: EndEvent) {
  return { stop_reason: STOP_REASONS[stop_reason] ?? "end_turn", stop_sequence: stop_sequence_matched ?? null };
}

/** `input_tokens` are those that were not read from a cache. */
export function toInputUsage({ promptTokens }: AnswerFacts, usage: ReportedUsage = {}) {
  const cached = usage.cachedTokens ?? 0;
  return {
    input_tokens: Math.max(0, (usage.promptTokens ?? promptTokens) - cached),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
  };
}

export function toBlocks({ text, reasoning, toolCalls }: Collected): object[] {
  const thinking = reasoning === "" ? [] : [{ type: "thinking", thinking: reasoning, signature: SIGNATURE }];
  const answer = text === "" ? [] : [{ type: "text", text }];
  return [
    ...thinking,
    ...answer,
    ...toolCalls.map(({ id, name, arguments: json }) => ({ type: "tool_use", id, name, input: parse(json) })),
  ];
}

/** A script may say what is not JSON: a body can only carry it as text. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json === "" ? "{}" : json);
  } catch {
    return json;
  }
}
