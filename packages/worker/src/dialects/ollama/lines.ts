import type { EndEvent, InferenceEvent } from "inference-worker-protocol";
import type { ToolCall } from "../../engine/chat.js";
import type { ReportedUsage } from "../../engine/engine.js";
import type { AnswerEncoder, AnswerForm, EventExtra } from "../../jobs/index.js";
import { CallCollector, createBodyEncoder } from "../collected.js";
import type { AnswerFacts } from "../dialect.js";
import { factsOfEvent } from "../failures.js";
import { jsonLine, NDJSON } from "../framing.js";
import { OLLAMA_ERRORS } from "./errors.js";

/** Text, reasoning and calls of a line. */
export interface Said {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
}

export interface LineOptions {
  readonly dialect: string;
  /** The key under which a line has its text. */
  readonly textKey: string;
  /** The part of a line that differs between the routes. */
  readonly say: (said: Said) => object;
}

const NOTHING: Said = { text: "", reasoning: "", toolCalls: [] };
const NANOSECONDS = 1e6;

/** A line of JSON for each token, or one body. */
export function createLines(
  facts: AnswerFacts,
  stream: boolean,
  { dialect, textKey, say }: LineOptions,
): AnswerEncoder {
  const times = new Durations();
  const head = () => ({ model: facts.model, created_at: new Date().toISOString() });
  const last = (end: EndEvent, said: Said, usage: ReportedUsage = {}) => ({
    ...head(),
    ...say(said),
    done: true,
    done_reason: end.stop_reason === "max_tokens" ? "length" : "stop",
    ...times.toFields(),
    prompt_eval_count: usage.promptTokens ?? facts.promptTokens,
    eval_count: end.tokens_out,
  });
  if (!stream) {
    const toBody = ({ end, usage, ...said }: Said & { readonly end: EndEvent; readonly usage: ReportedUsage }) =>
      last(end, said, usage);
    return watch(times, createBodyEncoder({ dialect, textKey, errors: OLLAMA_ERRORS, toBody }));
  }
  const line = (said: Partial<Said>) => jsonLine({ ...head(), ...say({ ...NOTHING, ...said }), done: false });
  const form: AnswerForm = { dialect, framing: "ndjson", textKey, features: new Set(["stream", "usage"]) };
  const encode = createEncode(line, (end, usage) => jsonLine(last(end, NOTHING, usage)));
  return watch(times, { form, contentType: NDJSON, encode });
}

/** Calls are sent whole: as soon as something else follows them. */
function createEncode(line: (said: Partial<Said>) => string, last: (end: EndEvent, usage?: ReportedUsage) => string) {
  const calls = new CallCollector();
  const flush = () =>
    calls
      .take()
      .map((call) => line({ toolCalls: [call] }))
      .join("");
  return (event: InferenceEvent, extra?: EventExtra): string => {
    if (event.type === "tool_call") calls.push(event);
    if (event.type === "token")
      return flush() + line(event.channel === "reasoning" ? { reasoning: event.t } : { text: event.t });
    if (event.type === "end") return flush() + last(event, extra?.usage);
    return event.type === "error" ? jsonLine(OLLAMA_ERRORS.bodyOf(factsOfEvent(event))) : "";
  };
}

/** Lets the durations see every event. */
function watch(times: Durations, encoder: AnswerEncoder): AnswerEncoder {
  const encode = (event: InferenceEvent, extra?: EventExtra) => {
    times.observe(event);
    return encoder.encode(event, extra);
  };
  return { ...encoder, encode };
}

/** How long the parts of a job took. */
class Durations {
  readonly #createdAtMs = performance.now();
  #startedAtMs = this.#createdAtMs;
  #firstTokenAtMs: number | undefined;

  observe({ type }: InferenceEvent): void {
    if (type === "started") this.#startedAtMs = performance.now();
    else if (type === "token" || type === "tool_call") this.#firstTokenAtMs ??= performance.now();
  }

  toFields() {
    const now = performance.now();
    const firstTokenAtMs = this.#firstTokenAtMs ?? now;
    return {
      total_duration: toNanoseconds(now - this.#createdAtMs),
      load_duration: 0,
      prompt_eval_duration: toNanoseconds(firstTokenAtMs - this.#startedAtMs),
      eval_duration: toNanoseconds(now - firstTokenAtMs),
    };
  }
}

function toNanoseconds(ms: number): number {
  return Math.round(ms * NANOSECONDS);
}
