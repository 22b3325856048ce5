import { InvalidEventError, type StopReason } from "inference-worker-protocol";
import type { DecoderContext, Dialect, EncodingContext, ExecuteBody } from "./dialect.js";
import type { InferenceEvent } from "./events.js";
import type { EventBuilder } from "./shared/event-builder.js";
import { errorOf, fieldsOf, listOf, show, textOf, type Fields } from "./shared/json.js";
import { OPENAI_SERVER, readOpenAiFields } from "./shared/openai.js";
import { encodeJob } from "./shared/request.js";
import { readWhole, StreamDecoder, type MessageReader } from "./shared/stream-decoder.js";

/** What it cannot carry. */
const REFUSED = ["seed", "top_k", "min_p", "repetition_penalty", "stop"] as const;
const NAME = "openai-responses";
const PATH = "/v1/responses";
const INCOMPLETE_REASONS: Readonly<Record<string, StopReason>> = {
  max_output_tokens: "max_tokens",
  content_filter: "content_filter",
};

/** `POST /v1/responses`, the OpenAI Responses API. */
export const openAiResponses: Dialect = {
  name: NAME,
  capabilities: { framing: "sse", refused: REFUSED },
  ...OPENAI_SERVER,
  executePaths: [PATH],
  encodeRequest: (request: ExecuteBody, context: EncodingContext) => {
    const fields = readOpenAiFields(request, context, { dialect: NAME, refused: REFUSED });
    const body = {
      model: fields.model,
      input: fields.messages ?? fields.prompt,
      max_output_tokens: fields.maxTokens,
      temperature: fields.temperature,
      top_p: fields.topP,
      stream: fields.streams,
    };
    return encodeJob(request, { path: PATH, body, extraBody: fields.extraBody });
  },
  createDecoder: (context) => new StreamDecoder(NAME, context, (builder) => new ResponsesReader(builder, context)),
  decodeAnswer: (answer, context) =>
    readWhole(answer, context, (response, builder) => {
      if (response["object"] !== "response") return undefined;
      return [...readOutput(response, builder), ...endOf(response, builder, context)];
    }),
  inspection: { textStart: /"delta"\s*:\s*"(?!")/ },
};

class ResponsesReader implements MessageReader {
  readonly #builder: EventBuilder;
  readonly #context: DecoderContext;
  /** Numbers of the calls, by the id of their item. */
  readonly #calls = new Map<unknown, number>();

  constructor(builder: EventBuilder, context: DecoderContext) {
    this.#builder = builder;
    this.#context = context;
  }

  read(fields: Fields, event: string | undefined): readonly InferenceEvent[] | undefined {
    const type = textOf(fields["type"]) ?? event;
    if (type === "error" || errorOf(fields) !== undefined) return this.#builder.error(fields["error"] ?? fields);
    if (type === undefined || !type.startsWith("response.")) return undefined;
    switch (type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return this.#builder.text(fields["delta"]);
      case "response.reasoning_text.delta":
      case "response.reasoning_summary_text.delta":
        return this.#builder.text(fields["delta"], "reasoning");
      case "response.output_item.added":
        return this.#readItem(fieldsOf(fields["item"]));
      case "response.function_call_arguments.delta":
        return [this.#builder.toolCall(this.#numberOf(fields["item_id"]), { arguments: fields["delta"] })];
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        return endOf(fieldsOf(fields["response"]), this.#builder, this.#context);
      default:
        return []; // the parts once more, as a whole
    }
  }

  missing(): string {
    return "`response.completed`";
  }

  #readItem(item: Fields): readonly InferenceEvent[] {
    if (item["type"] !== "function_call") return [];
    const { name, call_id: id, arguments: text } = item;
    return [this.#builder.toolCall(this.#numberOf(item["id"]), { id, name, arguments: text })];
  }

  #numberOf(id: unknown): number {
    const number = this.#calls.get(id) ?? this.#calls.size;
    this.#calls.set(id, number);
    return number;
  }
}

/** The output of a response that was not streamed. */
function readOutput(response: Fields, builder: EventBuilder): InferenceEvent[] {
  const items = listOf(response["output"]).map(fieldsOf);
  const calls = items.filter(({ type }) => type === "function_call");
  return items.flatMap((item) => {
    if (item["type"] === "function_call") {
      return [
        builder.toolCall(calls.indexOf(item), {
          id: item["call_id"],
          name: item["name"],
          arguments: item["arguments"],
        }),
      ];
    }
    const channel = item["type"] === "reasoning" ? "reasoning" : undefined;
    return listOf(item["content"]).flatMap((part) => builder.text(fieldsOf(part)["text"], channel));
  });
}

function endOf(response: Fields, builder: EventBuilder, { request }: DecoderContext): InferenceEvent[] {
  if (response["status"] === "failed" || (response["error"] ?? undefined) !== undefined) {
    return builder.error(response["error"]);
  }
  builder.usage(fieldsOf(response["usage"])["output_tokens"]);
  const given = fieldsOf(response["incomplete_details"])["reason"];
  if (given === undefined && response["status"] !== "incomplete")
    return builder.end(completedReason(response, builder, request));
  const reason =
    typeof given === "string" && Object.hasOwn(INCOMPLETE_REASONS, given) ? INCOMPLETE_REASONS[given] : undefined;
  if (reason === undefined) throw new InvalidEventError(`an unknown reason of an incomplete response: ${show(given)}`);
  return builder.end(reason);
}

/** Some servers call a response complete that has reached its limit. The limit was reached if there are that many tokens. */
function completedReason(response: Fields, builder: EventBuilder, request: ExecuteBody | undefined): StopReason {
  if (listOf(response["output"]).some((item) => fieldsOf(item)["type"] === "function_call")) return "tool_calls";
  const limit = request?.max_tokens;
  return typeof limit === "number" && builder.tokenCount >= limit ? "max_tokens" : "stop";
}
