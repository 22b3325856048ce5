import { InvalidEventError, type StopReason } from "inference-worker-protocol";
import type { Dialect, ExecuteBody } from "./dialect.js";
import type { InferenceEvent } from "./events.js";
import type { EventBuilder } from "./shared/event-builder.js";
import { errorOf, fieldsOf, msOf, show, textOf, type Fields } from "./shared/json.js";
import { OPENAI_SERVER } from "./shared/openai.js";
import { encodeJob, readFields } from "./shared/request.js";
import { readWhole, StreamDecoder } from "./shared/stream-decoder.js";

/** What it cannot carry. */
const REFUSED = ["messages"] as const;
const NAME = "llama-cpp";
const PATH = "/completion";
const STOP_TYPES: Readonly<Record<string, StopReason>> = { limit: "max_tokens", eos: "eos", word: "stop_sequence" };
/** Larger ones are taken and cut to 32 bits; the largest u32 means "any seed". */
const MAX_SEED = 2n ** 32n - 2n;

/** `POST /completion`, llama-server's own. It reports exactly why a job stopped. */
export const llamaCpp: Dialect = {
  name: NAME,
  capabilities: { framing: "sse", refused: REFUSED },
  ...OPENAI_SERVER,
  executePaths: [PATH],
  encodeRequest: (request: ExecuteBody) => {
    const fields = readFields(request, { dialect: NAME, refused: REFUSED, maxSeed: MAX_SEED });
    const body = {
      prompt: fields.prompt,
      n_predict: fields.maxTokens,
      temperature: fields.temperature,
      top_p: fields.topP,
      top_k: fields.topK,
      min_p: fields.minP,
      repeat_penalty: fields.repetitionPenalty ?? 1,
      seed: fields.seed,
      stop: fields.stop,
      stream: fields.streams,
      model: fields.model,
    };
    return encodeJob(request, { path: PATH, body, extraBody: fields.extraBody });
  },
  createDecoder: (context) =>
    new StreamDecoder(NAME, context, (builder) => ({
      read: (fields) => read(fields, builder),
      missing: () => 'a message with `"stop": true`',
    })),
  decodeAnswer: (answer, context) => readWhole(answer, context, read),
  inspection: { textStart: /"content"\s*:\s*"(?!")/ },
};

function read(fields: Fields, builder: EventBuilder): readonly InferenceEvent[] | undefined {
  if (errorOf(fields) !== undefined) return builder.error(errorOf(fields));
  if (!("content" in fields) || "choices" in fields) return undefined;
  builder.usage(fields["tokens_predicted"]);
  const events = builder.text(fields["content"]);
  return fields["stop"] === true ? [...events, ...readEnd(fields, builder)] : events;
}

function readEnd(fields: Fields, builder: EventBuilder): InferenceEvent[] {
  const { stop_type: type, stopping_word: word } = fields;
  const reason = typeof type === "string" && Object.hasOwn(STOP_TYPES, type) ? STOP_TYPES[type] : undefined;
  if (reason === undefined) throw new InvalidEventError(`an unknown \`stop_type\`: ${show(type)}`);
  const decodeMs = msOf(fieldsOf(fields["timings"])["predicted_ms"]);
  return builder.end(reason, { decodeMs, sequence: reason === "stop_sequence" ? textOf(word) : undefined });
}
