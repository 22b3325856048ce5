import { setTimeout as delay } from "node:timers/promises";
import { WorkerError } from "inference-worker-protocol";
import { countPromptTokens } from "../../engine/stub/prompt.js";
import { hasValue, mapValues, readBody, withBody, type Json } from "./change-body.js";
import { changingBody, failingFor, intercepting } from "./http-mutations.js";
import type { CreateMutation } from "./mutation.js";

const LIMITS = /^(max_tokens|max_completion_tokens|max_output_tokens|num_predict)$/;
const PROMPTS = ["prompt", "content"];
/** The context of a stub that the kill matrix starts. */
const CONTEXT_TOKENS = 4_096;
/** A prompt is trimmed by this many characters, a few tokens. */
const TRIMMED_CHARACTERS = 64;
const LONG_BODY_BYTES = 3_000;
const PREFILL_MS = 30_000;

function trim(body: Json): unknown {
  return mapValues(body, (key, value) =>
    PROMPTS.includes(key) && typeof value === "string" ? value.slice(0, -TRIMMED_CHARACTERS) : value,
  );
}

/** The defects at the end of the context, and of streams whose client waits. */
export const LIMIT_MUTATIONS = {
  "length.trims-what-is-a-little-too-long": intercepting(async (call, next) => {
    if (call.request.method !== "POST") return next(call);
    const { bytes, json } = await readBody(call.request);
    try {
      await next({ ...call, request: withBody(call.request, bytes) });
    } catch (error) {
      if (!(error instanceof WorkerError) || error.code !== "CONTEXT_OVERFLOW" || json === undefined) throw error;
      await next({ ...call, request: withBody(call.request, JSON.stringify(trim(json))) });
    }
  }),
  "length.fails-in-the-last-cell": () => ({
    changeRequest: (request) => {
      if (countPromptTokens(request) + request.max_tokens < CONTEXT_TOKENS) return request;
      throw new WorkerError("INTERNAL", "failed to find a free cell");
    },
  }),
  "length.fails-for-large-limits": failingFor(({ json }) =>
    hasValue(json, (key, value) => LIMITS.test(key) && Number(value) >= CONTEXT_TOKENS),
  ),
  "stream.silent-during-the-prefill": intercepting(async (call, next) => {
    const length = Number(call.request.headers["content-length"] ?? 0);
    if (call.request.method === "POST" && length > LONG_BODY_BYTES) await delay(PREFILL_MS);
    return next(call);
  }),
  "stream.forgets-the-usage": changingBody(({ stream_options: _, ...body }) => body),
} as const satisfies Readonly<Record<string, CreateMutation>>;
