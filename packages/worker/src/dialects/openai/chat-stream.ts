import type { EndEvent, InferenceEvent, ToolCallEvent } from "inference-worker-protocol";
import type { ReportedUsage } from "../../engine/engine.js";
import type { AnswerEncoder, AnswerFeature, EventExtra } from "../../jobs/index.js";
import type { AnswerFacts } from "../dialect.js";
import { factsOfEvent } from "../failures.js";
import { dataFrame, SSE } from "../framing.js";
import { toFinishReason, toLogprobs, toSeconds, toUsage } from "./common.js";
import { OPENAI_ERRORS } from "./errors.js";

/** The last frame of every stream that ends well. */
export const DONE = "data: [DONE]\n\n";

/** What a stream of OpenAI's completions can be broken in. */
export function featuresOfStream(withUsage: boolean, ...more: AnswerFeature[]): ReadonlySet<AnswerFeature> {
  return new Set<AnswerFeature>(["stream", ...more, ...(withUsage ? (["usage"] as const) : [])]);
}

interface Choice {
  readonly delta: object;
  readonly logprobs?: unknown;
  readonly finish_reason?: string;
  readonly stop_reason?: string | null;
}

/** The chunks of a chat: the role, the deltas, the reason, the usage if it is wanted, `[DONE]`. */
export function createChatStream(facts: AnswerFacts, { withUsage }: { readonly withUsage: boolean }): AnswerEncoder {
  const head = {
    id: facts.id,
    object: "chat.completion.chunk",
    created: toSeconds(facts.createdAtMs),
    model: facts.model,
  };
  const usage = withUsage ? { usage: null } : {};
  const chunk = ({ delta, logprobs = null, finish_reason, stop_reason }: Choice) => {
    const choice = { index: 0, delta, logprobs, finish_reason: finish_reason ?? null };
    return dataFrame({ ...head, choices: [stop_reason === undefined ? choice : { ...choice, stop_reason }], ...usage });
  };
  const encodeEnd = (end: EndEvent, reported?: ReportedUsage) => {
    const finish_reason = toFinishReason(end.stop_reason);
    const last = chunk({ delta: {}, finish_reason, stop_reason: end.stop_sequence_matched ?? null });
    const counts = toUsage(end.tokens_out, facts.promptTokens, reported);
    return last + (withUsage ? dataFrame({ ...head, choices: [], usage: counts }) : "") + DONE;
  };
  const encode = (event: InferenceEvent, extra?: EventExtra): string => {
    if (event.type === "token") {
      const delta = event.channel === "reasoning" ? { reasoning_content: event.t } : { content: event.t };
      return chunk({ delta, logprobs: toLogprobs(extra?.scores) });
    }
    if (event.type === "started") return chunk({ delta: { role: "assistant", content: "" } });
    if (event.type === "tool_call") return chunk({ delta: { tool_calls: [toDelta(event)] } });
    if (event.type === "end") return encodeEnd(event, extra?.usage);
    return event.type === "error" ? dataFrame(OPENAI_ERRORS.bodyOf(factsOfEvent(event))) : "";
  };
  const features = featuresOfStream(withUsage, "started");
  return { form: { dialect: "openai-chat", framing: "sse", textKey: "choices", features }, contentType: SSE, encode };
}

function toDelta({ index, id, name, arguments: text }: ToolCallEvent) {
  const call = { ...(name === undefined ? {} : { name }), arguments: text ?? "" };
  return { index, ...(id === undefined ? {} : { id, type: "function" }), function: call };
}
