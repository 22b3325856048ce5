import { JOB_ID_HEADER, stringifyJson } from "inference-worker-protocol";
import { suggest } from "inference-worker-protocol/validation";
import { InvalidOptionError } from "../../errors/index.js";
import { checkOption, isRecord } from "../../options/index.js";
import type { EncodedRequest, ExecuteBody, Framing } from "../dialect.js";
import type { Fields } from "./json.js";

/** The fields of a request that have a value which changes nothing. */
const NEUTRAL = { seed: null, top_p: 1, top_k: 0, min_p: 0, repetition_penalty: 1, stop: [] } as const;
type SamplingField = keyof typeof NEUTRAL;
const FIELDS = [
  "job_id",
  "prompt",
  "messages",
  "model",
  "max_tokens",
  "temperature",
  ...Object.keys(NEUTRAL),
  "extraBody",
];

/** The largest seed of a server that keeps seeds as int64. */
export const INT64_MAX = 2n ** 63n - 1n;

/** What a dialect cannot carry. */
export interface RequestRules {
  readonly dialect: string;
  /** Fields that must have their neutral value. */
  readonly refused?: readonly (SamplingField | "messages")[];
  /** The largest seed that the servers take. */
  readonly maxSeed?: bigint;
}

/** The fields of a request, as they are sent. A field that is `null` in the request is left out. */
export interface JobFields {
  readonly prompt: unknown;
  readonly messages: unknown;
  readonly model: unknown;
  readonly maxTokens: unknown;
  readonly temperature: unknown;
  readonly seed: unknown;
  readonly topP: unknown;
  readonly topK: unknown;
  readonly minP: unknown;
  /** Undefined if it is off. */
  readonly repetitionPenalty: unknown;
  /** Undefined if there are none. */
  readonly stop: unknown;
  readonly extraBody: Fields;
  /** False if `extraBody` asks for an answer in one piece. */
  readonly streams: boolean;
}

/**
 * Reads a request for a dialect. Values are passed on as they are, so that a test can also send what a server must refuse.
 *
 * @throws {INVALID_OPTION} a field that the dialect does not know or cannot carry.
 */
export function readFields(request: ExecuteBody, rules: RequestRules): JobFields {
  const given: Fields = { ...request };
  for (const name of Object.keys(given)) if (!FIELDS.includes(name)) throw refuseUnknown(name, rules);
  for (const name of rules.refused ?? []) checkNeutral(name, given[name], rules);
  checkSeed(given["seed"], rules);
  checkOption(given["prompt"] === undefined || given["messages"] === undefined, "request", {
    wanted: "a request with `prompt` or `messages`, not both",
    value: given,
  });
  const extraBody = readExtraBody(given["extraBody"]);
  const { prompt, messages, model, max_tokens: maxTokens, seed, stop, repetition_penalty: penalty } = given;
  const hasStop = !Array.isArray(stop) || stop.length > 0;
  return {
    ...{ prompt, messages, model, maxTokens, extraBody },
    temperature: orDefault(given["temperature"], 1),
    topP: orDefault(given["top_p"], NEUTRAL.top_p),
    topK: orDefault(given["top_k"], NEUTRAL.top_k),
    minP: orDefault(given["min_p"], NEUTRAL.min_p),
    seed: seed ?? undefined,
    repetitionPenalty: penalty === null || penalty === NEUTRAL.repetition_penalty ? undefined : penalty,
    stop: hasStop ? (stop ?? undefined) : undefined,
    streams: extraBody["stream"] !== false,
  };
}

/** The request of one job, with `extraBody` in its body. */
export function encodeJob(
  request: ExecuteBody,
  job: { readonly path: string; readonly body: Fields; readonly extraBody: Fields; readonly framing?: Framing },
): EncodedRequest {
  const { path, body, extraBody, framing = "sse" } = job;
  const accept = framing === "sse" ? "text/event-stream" : "application/x-ndjson";
  const jobId = typeof request.job_id === "string" ? { [JOB_ID_HEADER]: encodeURIComponent(request.job_id) } : {};
  const present = Object.entries({ ...body, ...extraBody }).filter(([, value]) => value !== undefined);
  const headers = { "content-type": "application/json", accept, ...jobId };
  return { path, headers, body: stringifyJson(Object.fromEntries(present)) };
}

/** The id of a job on the wire. */
export function findJobIdHeader(_body: unknown, headers: Readonly<Record<string, unknown>>): string | undefined {
  const value = headers[JOB_ID_HEADER];
  return typeof value === "string" ? decodeURIComponent(value) : undefined;
}

/** The messages of a request of a chat: its own, or its prompt as that of the user. */
export function toMessages({ prompt, messages }: JobFields): unknown {
  return messages ?? (prompt === undefined ? undefined : [{ role: "user", content: prompt }]);
}

function orDefault(value: unknown, fallback: number): unknown {
  if (value === undefined) return fallback;
  return value === null ? undefined : value;
}

function readExtraBody(value: unknown): Fields {
  if (value === undefined) return {};
  checkOption(isRecord(value), "request.extraBody", { wanted: "an object with further fields of the body", value });
  const extra: Fields = value;
  const n = extra["n"] ?? 1;
  checkOption(n === 1, "request.extraBody.n", {
    wanted: "1: a stream of several answers cannot be told apart",
    value: n,
  });
  return extra;
}

function checkNeutral(name: SamplingField | "messages", value: unknown, { dialect }: RequestRules): void {
  if (value === undefined) return;
  const neutral: unknown = name === "messages" ? undefined : NEUTRAL[name];
  if (value === neutral || value === null) return;
  if (Array.isArray(neutral) && Array.isArray(value) && value.length === 0) return;
  const shown = neutral === undefined ? "left out" : `\`${JSON.stringify(neutral)}\``;
  throw new InvalidOptionError({
    message: `Expected \`request.${name}\` to be ${shown}: the dialect \`${dialect}\` cannot carry it, got \`${preview(value)}\``,
    hint:
      name === "messages"
        ? "Send a `prompt`, or use the dialect `openai-chat`."
        : `Set \`${name}: ${JSON.stringify(neutral)}\`. If the server takes it under a name of its own, send it with \`extraBody\`.`,
  });
}

function checkSeed(seed: unknown, { dialect, maxSeed }: RequestRules): void {
  if (maxSeed === undefined || (typeof seed !== "bigint" && typeof seed !== "number") || seed <= maxSeed) return;
  throw new InvalidOptionError({
    message: `Expected \`request.seed\` to be at most ${maxSeed}, the largest seed that servers of the dialect \`${dialect}\` take, got \`${seed}\``,
    hint: "Send it with `extraBody: { seed }` to test how the server refuses it.",
  });
}

function refuseUnknown(name: string, { dialect }: RequestRules): InvalidOptionError {
  return new InvalidOptionError({
    message: `The dialect \`${dialect}\` does not know the field \`${name}\` of a request${suggest(name, FIELDS)}`,
    hint: `Send what the server takes besides with \`extraBody: { ${/^\w+$/.test(name) ? name : JSON.stringify(name)}: … }\`.`,
  });
}

function preview(value: unknown): string {
  return stringifyJson(value).slice(0, 100);
}
