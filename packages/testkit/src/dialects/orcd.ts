import {
  InvalidEventError,
  parseCancelAnswer,
  parseHealth,
  parseInferenceEvent,
  parseJson,
  parseSlots,
  stringifyJson,
  type InferenceEvent,
} from "inference-worker-protocol";
import {
  ForeignJobError,
  type DecoderContext,
  type Dialect,
  type EventDecoder,
  type ExecuteBody,
  type WireMessage,
} from "./dialect.js";
import { describeForeign, recognizeMessage } from "./shared/foreign.js";

const HEALTH_PATH = "/health";
/** An unhealthy worker answers 503, and the answer is complete. */
const HEALTH_STATUSES = [200, 503];
/** Ends a stream of OpenAI's form; a worker that sends it speaks half of another dialect. */
const DONE_MARKER = "[DONE]";
const TYPE = /"type"\s*:\s*"(\w+)"/;
const HEADERS = { "content-type": "application/json", accept: "text/event-stream" };

/** This project's own protocol, `docs/wire-protocol.md`: its events are the framework's. */
export const orcd: Dialect = {
  name: "orcd",
  capabilities: { framing: "sse", hasPlainEvents: true },
  executePaths: ["/execute"],
  encodeRequest: (request: ExecuteBody) => ({
    path: "/execute",
    headers: HEADERS,
    body: stringifyJson(joinExtra(request)),
  }),
  createDecoder: (context) => new OrcdDecoder(context),
  decodeError: ({ body }) => {
    const { code, message: given, retriable, errors } = asRecord(body);
    const message = given ?? asRecord(Array.isArray(errors) ? errors[0] : undefined)["message"]; // one for each field
    return {
      code: typeof code === "string" ? code : undefined,
      message: typeof message === "string" ? message : undefined,
      retriable: typeof retriable === "boolean" ? retriable : undefined,
    };
  },
  findJobId: (body) => {
    const { job_id: jobId } = asRecord(body);
    return typeof jobId === "string" ? jobId : undefined;
  },
  cancel: { encode: encodeCancel, accepts: [202], parse: (body) => parseCancelAnswer(parseAnswer(body)) },
  ready: { path: HEALTH_PATH },
  identity: { path: HEALTH_PATH, parse: findWorkerId },
  health: { path: HEALTH_PATH, accepts: HEALTH_STATUSES, parse: (body) => parseHealth(parseAnswer(body)) },
  slots: { path: HEALTH_PATH, accepts: HEALTH_STATUSES, parse: (body) => parseSlots(parseAnswer(body)) },
  metrics: { path: "/metrics", tokenCounter: "worker_tokens_generated_total" },
  shutdown: { path: "/shutdown", accepts: [202] },
  inspection: {
    nameEvents: ({ event, data }) => [event ?? TYPE.exec(data)?.[1] ?? "message"],
    tokenPrefix: "event: token\n",
    textStart: /"t"\s*:\s*"/,
  },
};

/** A request has its further fields among its own, or in `extraBody` as those of other dialects. */
function joinExtra(request: ExecuteBody): ExecuteBody {
  if (!("extraBody" in request)) return request;
  const { extraBody, ...fields } = request;
  return { ...fields, ...asRecord(extraBody) };
}

class OrcdDecoder implements EventDecoder {
  readonly #jobId: string | undefined;
  isDone = false;

  constructor({ jobId }: DecoderContext) {
    this.#jobId = jobId;
  }

  push(message: WireMessage): readonly InferenceEvent[] {
    if (message.data === DONE_MARKER) {
      this.isDone = true;
      return [];
    }
    const event = parseEvent(parseData(message.data));
    const name = message.event;
    if (name !== undefined && name !== event.type && name !== "message") {
      throw new InvalidEventError(`the frame says \`event: ${name}\`, its data says \`type\` "${event.type}"`);
    }
    if (event.type === "started" && this.#jobId !== undefined && event.job_id !== this.#jobId) {
      throw new ForeignJobError(event.job_id, this.#jobId);
    }
    return [event];
  }
}

/** Some ids cannot be part of a path, because `.` and `..` are resolved before the request is sent: they go in the body. */
function encodeCancel(jobId: string) {
  if (!/^\.{1,2}$/.test(jobId)) return { path: `/cancel/${encodeURIComponent(jobId)}` };
  return { path: "/cancel", body: stringifyJson({ job_id: jobId }) };
}

function parseData(data: string): unknown {
  if (data === "") throw new InvalidEventError("the data is empty");
  try {
    const value: unknown = JSON.parse(data);
    // Only other events have numbers that a double may not hold; looking for them in every token costs a tenth of collecting.
    return asRecord(value)["type"] === "token" ? value : parseJson(data);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidEventError(`the data is not JSON: ${reason}`, { cause });
  }
}

function parseEvent(value: unknown): InferenceEvent {
  try {
    return parseInferenceEvent(value);
  } catch (cause) {
    const foreign = describeOther(value);
    if (foreign === undefined) throw cause;
    throw new InvalidEventError(foreign, { cause });
  }
}

/** Objects of other protocols that are common enough to be named. */
function describeOther(value: unknown): string | undefined {
  const fields = asRecord(value);
  if (value === null || typeof value !== "object") return undefined;
  if ("error" in fields && !("type" in fields))
    return `an error object instead of an event: ${describeError(fields["error"])}`;
  return recognizeMessage(fields, "orcd") === undefined ? undefined : describeForeign(fields, "orcd");
}

function describeError(error: unknown): string {
  const message: unknown = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return typeof message === "string" ? message : "see the data";
}

function parseAnswer(body: string): unknown {
  try {
    return parseJson(body);
  } catch (cause) {
    throw new TypeError(`expected JSON, got \`${body.slice(0, 200)}\``, { cause });
  }
}

function findWorkerId(body: string): string | undefined {
  const { worker_id: workerId } = asRecord(parseAnswer(body));
  return typeof workerId === "string" ? workerId : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
