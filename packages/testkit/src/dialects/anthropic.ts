import { InvalidEventError, type StopReason } from "inference-worker-protocol";
import type { Dialect, EncodingContext, ExecuteBody } from "./dialect.js";
import type { InferenceEvent } from "./events.js";
import type { EventBuilder } from "./shared/event-builder.js";
import { countOf, errorOf, fieldsOf, listOf, show, textOf, type Fields } from "./shared/json.js";
import { OPENAI_SERVER, readOpenAiFields } from "./shared/openai.js";
import { encodeJob, toMessages } from "./shared/request.js";
import { readWhole, StreamDecoder, type MessageReader } from "./shared/stream-decoder.js";

/** What it cannot carry. */
const REFUSED = ["seed", "min_p", "repetition_penalty"] as const;
const NAME = "anthropic";
const PATH = "/v1/messages";
const VERSION = "2023-06-01";
/** The API requires a number; this is the default of `max_tokens` in this framework. */
const MAX_TOKENS = 2048;
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: "eos",
  max_tokens: "max_tokens",
  stop_sequence: "stop_sequence",
  tool_use: "tool_calls",
  refusal: "content_filter",
  model_context_window_exceeded: "max_tokens",
};
/** Messages without anything for an event. */
const SILENT = new Set(["ping", "content_block_stop"]);

/** `POST /v1/messages`, the Anthropic Messages API: llama-server, vLLM, Ollama and others have it, too. */
export const anthropic: Dialect = {
  name: NAME,
  capabilities: { framing: "sse", refused: REFUSED },
  ...OPENAI_SERVER,
  executePaths: [PATH],
  encodeRequest: (request: ExecuteBody, context: EncodingContext) => {
    const fields = readOpenAiFields(request, context, { dialect: NAME, refused: REFUSED });
    const body = {
      model: fields.model,
      messages: toMessages(fields),
      max_tokens: fields.maxTokens ?? MAX_TOKENS,
      temperature: fields.temperature,
      top_p: fields.topP,
      top_k: fields.topK,
      stop_sequences: fields.stop,
      stream: fields.streams,
    };
    const encoded = encodeJob(request, { path: PATH, body, extraBody: fields.extraBody });
    return { ...encoded, headers: { ...encoded.headers, "anthropic-version": VERSION } };
  },
  createDecoder: (context) => new StreamDecoder(NAME, context, (builder) => new MessagesReader(builder)),
  decodeAnswer: (answer, context) =>
    readWhole(answer, context, (message, builder) => {
      if (message["type"] !== "message") return undefined;
      builder.usage(fieldsOf(message["usage"])["output_tokens"]);
      const reader = new MessagesReader(builder);
      const events = listOf(message["content"]).flatMap((block, index) => reader.readBlock(fieldsOf(block), index));
      return [...events, ...endOf(message, builder)];
    }),
  inspection: { textStart: /"(?:text|thinking)"\s*:\s*"(?!")/ },
};

class MessagesReader implements MessageReader {
  readonly #builder: EventBuilder;
  /** Numbers of the calls, by the index of their block. */
  readonly #calls = new Map<unknown, number>();
  #delta: Fields = {};

  constructor(builder: EventBuilder) {
    this.#builder = builder;
  }

  read(fields: Fields): readonly InferenceEvent[] | undefined {
    const { type } = fields;
    if (type === "content_block_delta" && !("usage" in fields || "message" in fields))
      return this.#readDelta(fieldsOf(fields["delta"]), fields["index"]); // nearly all of them
    if (type === "error" || (type === undefined && errorOf(fields) !== undefined))
      return this.#builder.error(fields["error"]);
    this.#builder.usage(fieldsOf(fields["usage"] ?? fieldsOf(fields["message"])["usage"])["output_tokens"]);
    if (type === "message_start") return [];
    if (type === "content_block_start")
      return this.readBlock(fieldsOf(fields["content_block"]), fields["index"], false);
    if (type === "content_block_delta") return this.#readDelta(fieldsOf(fields["delta"]), fields["index"]);
    if (type === "message_delta") this.#delta = { ...this.#delta, ...fieldsOf(fields["delta"]) };
    else if (type === "message_stop") return this.#end();
    else if (!SILENT.has(type as string)) return undefined;
    return [];
  }

  missing(): string {
    return textOf(this.#delta["stop_reason"]) === undefined ? "a `stop_reason`" : "`message_stop`";
  }

  /** @param isWhole whether the block has its input. At the start of a streamed one it is empty. */
  readBlock(block: Fields, index: unknown, isWhole = true): readonly InferenceEvent[] {
    if (block["type"] === "thinking") return this.#builder.text(block["thinking"], "reasoning");
    if (block["type"] !== "tool_use") return this.#builder.text(block["text"]);
    const call = this.#calls.size;
    this.#calls.set(index, call);
    const text = isWhole ? JSON.stringify(block["input"] ?? {}) : undefined;
    return [this.#builder.toolCall(call, { id: block["id"], name: block["name"], arguments: text })];
  }

  #readDelta(delta: Fields, index: unknown): readonly InferenceEvent[] {
    if (delta["type"] === "text_delta") return this.#builder.text(delta["text"]);
    if (delta["type"] === "thinking_delta") return this.#builder.text(delta["thinking"], "reasoning");
    if (delta["type"] !== "input_json_delta") return []; // signatures and citations
    const call = this.#calls.get(index) ?? countOf(index) ?? 0;
    return textOf(delta["partial_json"]) === undefined
      ? []
      : [this.#builder.toolCall(call, { arguments: delta["partial_json"] })];
  }

  #end(): readonly InferenceEvent[] {
    return textOf(this.#delta["stop_reason"]) === undefined ? [] : endOf(this.#delta, this.#builder);
  }
}

function endOf({ stop_reason: given, stop_sequence: matched }: Fields, builder: EventBuilder): InferenceEvent[] {
  const named = typeof given === "string" && Object.hasOwn(STOP_REASONS, given) ? STOP_REASONS[given] : undefined;
  if (named === undefined) throw new InvalidEventError(`an unknown \`stop_reason\`: ${show(given)}`);
  const sequence = textOf(matched);
  // llama-server b10434 says `end_turn` of a stop sequence, and names the sequence beside it.
  const reason = named === "eos" && sequence !== undefined ? "stop_sequence" : named;
  return builder.end(reason, { sequence: reason === "stop_sequence" ? sequence : undefined });
}
