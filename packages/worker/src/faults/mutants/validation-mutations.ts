import { WorkerError } from "inference-worker-protocol";
import { changeAnswer, hasValue, mapValues, readBody, withBody, type Json } from "./change-body.js";
import { changingBody, failingFor, intercepting } from "./http-mutations.js";
import type { CreateMutation } from "./mutation.js";

const RANGES: Readonly<Record<string, readonly [number, number]>> = { temperature: [0, 2], top_p: [0, 1] };
const JOB_PATHS = /\/(execute|completions|generate|chat|messages|responses)$/;
const PROMPTS = ["prompt", "messages", "input"];
/** Numbers beyond a 32-bit float. */
const LARGEST_NUMBER = 3.4e38;
const MOST_DEPTH = 1_000;
const MOST_BODY_BYTES = 1024 * 1024;

/** A value that is rounded before its range is looked at. */
function roundIntoRange(key: string, value: unknown): unknown {
  const [least, most] = RANGES[key] ?? [-Infinity, Infinity];
  if (typeof value !== "number" || Math.round(value) < least || Math.round(value) > most) return value;
  return Math.min(most, Math.max(least, value));
}

/** What JavaScript and Python accept as a number, and JSON does not, becomes one. */
function readLeniently(text: string): string {
  return text.replace(/:\s*(NaN|-?Infinity)\b/g, ":0");
}

/** Does something else than a route that refuses a request with a code. */
function insteadOf(code: string, answer: Parameters<typeof intercepting>[0]): CreateMutation {
  return intercepting(async (call, next, isBusy) => {
    try {
      await next(call);
    } catch (error) {
      if (!(error instanceof WorkerError) || error.code !== code) throw error;
      await answer(call, next, isBusy);
    }
  });
}

/** The defects of validation that need more than a change of one field. */
export const VALIDATION_MUTATIONS = {
  "validation.fails-without-prompt": failingFor(({ json, request: { url = "" } }) => {
    return json !== undefined && JOB_PATHS.test(url) && !PROMPTS.some((name) => name in json);
  }),
  "validation.excludes-the-maximum": intercepting(async (call, next) => {
    if (call.request.method !== "POST") return next(call);
    const { bytes, json } = await readBody(call.request);
    const isMaximum = hasValue(json, (key, value) => key === "temperature" && value === RANGES["temperature"]?.[1]);
    if (isMaximum) throw new WorkerError("INVALID_REQUEST", "expected `temperature` to be less than 2");
    return next({ ...call, request: withBody(call.request, bytes) });
  }),
  "validation.rounds-before-it-checks": changingBody((body) => mapValues(body, roundIntoRange)),
  "validation.recursive-parser": failingFor(({ text }) => text.includes("[".repeat(MOST_DEPTH))),
  "validation.fails-for-duplicate-keys": failingFor(({ text }) => text.split('"temperature"').length > 2),
  "validation.overflows": failingFor(({ json }) =>
    hasValue(json, (_, value) => typeof value === "number" && Math.abs(value) > LARGEST_NUMBER),
  ),
  "validation.accepts-nan": intercepting(async (call, next) => {
    if (call.request.method !== "POST") return next(call);
    const { bytes } = await readBody(call.request);
    return next({ ...call, request: withBody(call.request, readLeniently(bytes.toString("utf8"))) });
  }),
  "validation.repeats-the-request": intercepting(async (call, next) => {
    if (call.request.method !== "POST") return next(call);
    const { bytes } = await readBody(call.request);
    const append = (key: string, value: unknown): unknown =>
      /^(message|error)$/.test(key) && typeof value === "string" ? `${value}: ${bytes.toString("utf8")}` : value;
    changeAnswer(call.response, (answer) => mapValues(answer, append) as Json);
    return next({ ...call, request: withBody(call.request, bytes) });
  }),
  "validation.answers-any-path": insteadOf("NOT_FOUND", ({ response }) => {
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
    return Promise.resolve();
  }),
  "validation.wrong-method-500": insteadOf("METHOD_NOT_ALLOWED", () => {
    return Promise.reject(new WorkerError("INTERNAL", "unexpected method"));
  }),
  "validation.content-type-500": failingFor(({ request }) => {
    return !/json/.test(request.headers["content-type"] ?? "json");
  }),
  "validation.fails-for-large-bodies": intercepting((call, next) => {
    if (Number(call.request.headers["content-length"] ?? 0) <= MOST_BODY_BYTES) return next(call);
    call.request.resume();
    return Promise.reject(new WorkerError("INTERNAL", "the buffer is too small"));
  }),
} as const satisfies Readonly<Record<string, CreateMutation>>;
