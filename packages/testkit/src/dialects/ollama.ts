import { InvalidEventError, type StopReason } from "inference-worker-protocol";
import type { Dialect, EncodingContext, ExecuteBody } from "./dialect.js";
import type { InferenceEvent } from "./events.js";
import { describeError, isRetriable, type EventBuilder } from "./shared/event-builder.js";
import { errorOf, fieldsOf, join, listOf, msOf, parseAnswer, show, textOf, type Fields } from "./shared/json.js";
import { encodeJob, findJobIdHeader, INT64_MAX, readFields } from "./shared/request.js";
import { readWhole, StreamDecoder } from "./shared/stream-decoder.js";

const NAME = "ollama";
const GENERATE_PATH = "/api/generate";
const CHAT_PATH = "/api/chat";
const DONE_REASONS: Readonly<Record<string, StopReason>> = { stop: "stop", length: "max_tokens" };
const NS_PER_MS = 1e6;

/** Ollama's own API, lines of JSON: a request with a `prompt` goes to `/api/generate`, one with `messages` to `/api/chat`. */
export const ollama: Dialect = {
  name: NAME,
  capabilities: { framing: "ndjson" },
  executePaths: [GENERATE_PATH, CHAT_PATH],
  encodeRequest: (request: ExecuteBody, context: EncodingContext) => {
    const fields = readFields(request, { dialect: NAME, maxSeed: INT64_MAX });
    const { messages, prompt, model, extraBody } = fields;
    const { options: extraOptions, ...extra } = extraBody;
    const options = {
      num_predict: fields.maxTokens,
      temperature: fields.temperature,
      top_p: fields.topP,
      top_k: fields.topK,
      min_p: fields.minP,
      repeat_penalty: fields.repetitionPenalty ?? 1,
      seed: fields.seed,
      stop: fields.stop,
    };
    const given = Object.entries({ ...options, ...fieldsOf(extraOptions) }).filter(([, value]) => value !== undefined);
    const body = {
      model: model ?? context.model,
      ...(messages === undefined ? { prompt } : { messages }),
      options: Object.fromEntries(given),
      stream: fields.streams,
    };
    const path = messages === undefined ? GENERATE_PATH : CHAT_PATH;
    return encodeJob(request, { path, body, extraBody: extra, framing: "ndjson" });
  },
  createDecoder: (context) =>
    new StreamDecoder(NAME, context, (builder) => ({
      read: (fields) => read(fields, builder),
      missing: () => 'a line with `"done": true`',
    })),
  decodeAnswer: (answer, context) => readWhole(answer, context, read),
  decodeError: ({ status, body }) => {
    const { code, message } = describeError(fieldsOf(body)["error"]);
    return { code, message, retriable: isRetriable(status) };
  },
  findJobId: findJobIdHeader,
  ready: { path: "/api/version" },
  models: { path: "/api/tags", accepts: [200], parse: parseModels },
  inspection: { textStart: /"(?:response|content|thinking)"\s*:\s*"(?!")/ },
};

function read(fields: Fields, builder: EventBuilder): readonly InferenceEvent[] | undefined {
  if (errorOf(fields) !== undefined) return builder.error(errorOf(fields));
  if (!("done" in fields) || "choices" in fields) return undefined;
  builder.usage(fields["eval_count"]);
  const events = readContent(fields, builder);
  return fields["done"] === true ? join(events, readEnd(fields, builder)) : events;
}

/** Most lines have nothing but a text. */
function readContent(fields: Fields, builder: EventBuilder): readonly InferenceEvent[] {
  const message = fieldsOf(fields["message"]);
  const thinking = builder.text(fields["thinking"] ?? message["thinking"], "reasoning");
  const texts = join(thinking, builder.text(fields["response"] ?? message["content"]));
  const calls = listOf(message["tool_calls"]);
  if (calls.length === 0) return texts;
  return join(
    texts,
    calls.map((call, index) => readToolCall(fieldsOf(call), index, builder)),
  );
}

function readEnd(fields: Fields, builder: EventBuilder): InferenceEvent[] {
  const { done_reason: given, eval_duration: duration } = fields;
  const reason = typeof given === "string" && Object.hasOwn(DONE_REASONS, given) ? DONE_REASONS[given] : undefined;
  if (given === "load" || given === "unload") {
    throw new InvalidEventError(
      `\`done_reason\` "${given}": the request had no prompt, so the server only ${given}ed the model`,
    );
  }
  if (reason === undefined) throw new InvalidEventError(`an unknown \`done_reason\`: ${show(given)}`);
  const durationMs = msOf(duration);
  return builder.end(builder.hasCalls && reason === "stop" ? "tool_calls" : reason, {
    decodeMs: durationMs === undefined ? undefined : durationMs / NS_PER_MS,
  });
}

/** A call arrives as a whole, with arguments that are not text. */
function readToolCall(call: Fields, index: number, builder: EventBuilder): InferenceEvent {
  const { name, arguments: given } = fieldsOf(call["function"]);
  return builder.toolCall(index, { name, arguments: given === undefined ? undefined : JSON.stringify(given) });
}

function parseModels(body: string): readonly string[] {
  const { models } = fieldsOf(parseAnswer(body));
  if (!Array.isArray(models)) throw new TypeError("expected `models` to be a list of models");
  return models.flatMap((model) => {
    const name = textOf(fieldsOf(model)["name"]);
    return name === undefined ? [] : [name, ...(name.endsWith(":latest") ? [name.slice(0, -":latest".length)] : [])];
  });
}
