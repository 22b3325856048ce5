import { InvalidEventError, type StopReason } from "inference-worker-protocol";
import type { DecodedError, Dialect, EncodingContext, ExecuteBody } from "../dialect.js";
import type { InferenceEvent } from "../events.js";
import { describeError, isRetriable, type EventBuilder } from "./event-builder.js";
import { fieldsOf, join, listOf, parseAnswer, show, textOf, type Fields } from "./json.js";
import { findJobIdHeader, INT64_MAX, readFields, type JobFields, type RequestRules } from "./request.js";
import { metricsSlots, slotListSlots, TOKEN_COUNTERS } from "./server-state.js";
import type { MessageReader } from "./stream-decoder.js";

const FINISH_REASONS: Readonly<Record<string, StopReason>> = {
  length: "max_tokens",
  stop: "stop",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  abort: "cancelled",
  error: "error",
};

/** Where the choices of the various APIs have what was generated. */
const CONTENT_FIELDS = ["text", "delta", "message"];

/** What the servers of OpenAI's form have in common besides their jobs. */
export const OPENAI_SERVER = {
  decodeError: decodeOpenAiError,
  findJobId: findJobIdHeader,
  ready: { path: "/health" },
  models: { path: "/v1/models", accepts: [200], parse: parseModels },
  slots: [metricsSlots, slotListSlots],
  metrics: { path: "/metrics", tokenCounter: TOKEN_COUNTERS },
} satisfies Partial<Dialect>;

/** The fields of a request with the model to ask. */
export function readOpenAiFields(request: ExecuteBody, context: EncodingContext, rules: RequestRules): JobFields {
  const fields = readFields(request, { maxSeed: INT64_MAX, ...rules });
  return { ...fields, model: fields.model ?? context.model };
}

/** The fields that completions and chat share. Servers have different names for the repetition penalty; each ignores the other. */
export function samplingBody(fields: JobFields): Fields {
  const { repetitionPenalty: penalty, streams } = fields;
  return {
    model: fields.model,
    max_tokens: fields.maxTokens,
    temperature: fields.temperature,
    top_p: fields.topP,
    top_k: fields.topK,
    min_p: fields.minP,
    repetition_penalty: penalty,
    repeat_penalty: penalty,
    seed: fields.seed,
    stop: fields.stop,
    stream: streams,
    stream_options: streams ? { include_usage: true } : undefined,
  };
}

/** What the choices of completions and of chat have of their own. */
export type ReadChoice = (choice: Fields, builder: EventBuilder) => readonly InferenceEvent[];

/** Reads chunks with `choices`. */
export class ChunkReader implements MessageReader {
  readonly #builder: EventBuilder;
  readonly #readChoice: ReadChoice;
  readonly #field: string;
  #finish: { readonly reason: StopReason; readonly sequence: string | undefined } | undefined;

  /** @param field the field of a choice by which a chunk is known. */
  constructor(builder: EventBuilder, field: string, readChoice: ReadChoice) {
    this.#builder = builder;
    this.#field = field;
    this.#readChoice = readChoice;
  }

  read(fields: Fields, event: string | undefined): readonly InferenceEvent[] | undefined {
    if (
      textOf(fields["error"]) !== undefined ||
      typeof fieldsOf(fields["error"])["message"] === "string" ||
      event === "error"
    ) {
      return this.#builder.error(fields["error"] ?? fields);
    }
    const { choices, usage } = fields;
    if (!Array.isArray(choices)) return undefined;
    this.#builder.usage(fieldsOf(usage)["completion_tokens"]);
    let events: readonly InferenceEvent[] = [];
    for (const choice of choices.map(fieldsOf)) {
      if (!this.#isOwn(choice)) return undefined;
      events = join(events, this.#read(choice));
    }
    return events;
  }

  done(): readonly InferenceEvent[] {
    return this.#finish === undefined
      ? []
      : this.#builder.end(this.#finish.reason, { sequence: this.#finish.sequence });
  }

  missing(): string {
    return this.#finish === undefined ? "a `finish_reason`" : "`[DONE]`";
  }

  /** A choice without text may only end. */
  #isOwn(choice: Fields): boolean {
    if (this.#field in choice) return true;
    return typeof choice["finish_reason"] === "string" && !CONTENT_FIELDS.some((field) => field in choice);
  }

  #read(choice: Fields): readonly InferenceEvent[] {
    if (choice["index"] !== undefined && choice["index"] !== 0) {
      throw new InvalidEventError(`choice ${show(choice["index"])}: only \`n: 1\` can be read`);
    }
    const events = this.#readChoice(choice, this.#builder);
    if (events.length > 0 && this.#finish !== undefined) throw new InvalidEventError("text after the `finish_reason`");
    this.#finish = readFinish(choice) ?? this.#finish;
    return events;
  }
}

/** Why a choice ended; undefined while it has not. */
export function readFinish(choice: Fields): { reason: StopReason; sequence: string | undefined } | undefined {
  const { finish_reason: finish, stop_reason: stop } = choice;
  if (finish === undefined || finish === null || finish === "") return undefined;
  const reason =
    typeof finish === "string" && Object.hasOwn(FINISH_REASONS, finish) ? FINISH_REASONS[finish] : undefined;
  if (reason === undefined) throw new InvalidEventError(`an unknown \`finish_reason\`: ${show(finish)}`);
  if (reason !== "stop" || !("stop_reason" in choice)) return { reason, sequence: undefined };
  // vLLM: the stop sequence; null at the end of the sequence; the id of a stop token.
  if (typeof stop === "string") return { reason: "stop_sequence", sequence: stop };
  return { reason: stop === null ? "eos" : "stop", sequence: undefined };
}

/** A refusal in any of the forms of these servers. */
export function decodeOpenAiError({ status, body }: { readonly status: number; readonly body: unknown }): DecodedError {
  const { error, ...fields } = fieldsOf(body);
  const besides = textOf(fields["message"]) ?? textOf(fields["detail"]);
  const { code, message } = describeError(
    typeof error === "string" && besides !== undefined ? { type: error } : (error ?? body),
  );
  return { code, message: message ?? besides, retriable: isRetriable(status) };
}

function parseModels(body: string): readonly string[] {
  const { data } = fieldsOf(parseAnswer(body));
  if (!Array.isArray(data)) throw new TypeError("expected `data` to be a list of models");
  return data
    .flatMap((model) => [textOf(fieldsOf(model)["id"]), ...listOf(fieldsOf(model)["aliases"]).map(textOf)])
    .filter((id) => id !== undefined)
    .filter((id, index, all) => all.indexOf(id) === index);
}
