import { InvalidEventError, type StopReason } from "inference-worker-protocol";
import type { Dialect, ExecuteBody } from "./dialect.js";
import type { InferenceEvent } from "./events.js";
import { isRetriable, type EventBuilder } from "./shared/event-builder.js";
import { errorOf, fieldsOf, parseAnswer, show, textOf, type Fields } from "./shared/json.js";
import { encodeJob, findJobIdHeader, INT64_MAX, readFields } from "./shared/request.js";
import { metricsSlots } from "./shared/server-state.js";
import { readWhole, StreamDecoder } from "./shared/stream-decoder.js";

/** What it cannot carry. */
const REFUSED = ["messages", "min_p"] as const;
const NAME = "tgi";
const STREAM_PATH = "/generate_stream";
const WHOLE_PATH = "/generate";
const FINISH_REASONS: Readonly<Record<string, StopReason>> = {
  length: "max_tokens",
  eos_token: "eos",
  stop_sequence: "stop_sequence",
};

/** Text Generation Inference's own API. Not tried on a real server. */
export const tgi: Dialect = {
  name: NAME,
  // https://github.com/huggingface/text-generation-inference/issues/332 shows an answer that ends with its stop sequence.
  capabilities: { framing: "sse", refused: REFUSED, keepsStop: true },
  executePaths: [STREAM_PATH, WHOLE_PATH],
  encodeRequest: (request: ExecuteBody) => {
    const fields = readFields(request, { dialect: NAME, refused: REFUSED, maxSeed: INT64_MAX });
    const { parameters: extraParameters, stream: _stream, ...extraBody } = fields.extraBody;
    const isGreedy = fields.temperature === 0;
    const parameters = {
      max_new_tokens: fields.maxTokens,
      do_sample: !isGreedy,
      temperature: isGreedy ? undefined : fields.temperature, // must be above 0
      top_p: fields.topP === 1 ? undefined : fields.topP, // must be below 1
      top_k: fields.topK === 0 ? undefined : fields.topK, // must be above 0
      repetition_penalty: fields.repetitionPenalty,
      seed: fields.seed,
      stop: fields.stop,
      details: true,
    };
    const given = Object.entries({ ...parameters, ...fieldsOf(extraParameters) }).filter(
      ([, value]) => value !== undefined,
    );
    const body = { inputs: fields.prompt, parameters: Object.fromEntries(given) };
    return encodeJob(request, { path: fields.streams ? STREAM_PATH : WHOLE_PATH, body, extraBody });
  },
  createDecoder: (context) =>
    new StreamDecoder(NAME, context, (builder) => ({
      read: (fields) => readToken(fields, builder),
      missing: () => "a message with `generated_text`",
    })),
  decodeAnswer: (answer, context) =>
    readWhole(answer, context, (fields, builder) => {
      if (!("generated_text" in fields)) return undefined;
      return [...builder.text(fields["generated_text"]), ...readEnd(fields, builder)];
    }),
  decodeError: ({ status, body }) => {
    const { error, error_type: code } = fieldsOf(body);
    return { code: textOf(code), message: textOf(error), retriable: isRetriable(status) };
  },
  findJobId: findJobIdHeader,
  ready: { path: "/health" },
  models: { path: "/info", accepts: [200], parse: parseInfo },
  slots: metricsSlots,
  metrics: { path: "/metrics" },
  inspection: { textStart: /"text"\s*:\s*"(?!")/ },
};

function readToken(fields: Fields, builder: EventBuilder): readonly InferenceEvent[] | undefined {
  if (errorOf(fields) !== undefined) return builder.error({ code: fields["error_type"], message: fields["error"] });
  if (!("token" in fields)) return undefined;
  const { text, special } = fieldsOf(fields["token"]);
  const events = special === true ? [] : builder.text(text); // an end token is not a part of the text
  const isLast = (fields["generated_text"] ?? undefined) !== undefined;
  return isLast ? [...events, ...readEnd(fields, builder)] : events;
}

function readEnd({ details }: Fields, builder: EventBuilder): InferenceEvent[] {
  const { finish_reason: given, generated_tokens: count } = fieldsOf(details);
  const reason = typeof given === "string" && Object.hasOwn(FINISH_REASONS, given) ? FINISH_REASONS[given] : undefined;
  if (reason === undefined) throw new InvalidEventError(`an unknown \`finish_reason\`: ${show(given)}`);
  builder.usage(count);
  return builder.end(reason);
}

function parseInfo(body: string): readonly string[] {
  const id = textOf(fieldsOf(parseAnswer(body))["model_id"]);
  if (id === undefined) throw new TypeError("expected `model_id`");
  return [id];
}
