import { defineGroup, param } from "./define-fault.js";

const payload = defineGroup("payload", "stub");
const engine = defineGroup("engine", "stub");
const health = defineGroup("health", "stub");

/** A point in the generation. */
const IN_JOB = ["tokens", "ms"] as const;
/** A token event with this index. */
const AT_TOKEN = { at: ["tokens"], defaultAt: { afterTokens: 1 } } as const;

/** Faults of the content of events. `at: { afterTokens: n }` means the token event with index n. */
export const PAYLOAD_FAULTS = {
  "invalid-json": payload({
    meaning: "The data of a token event is not JSON.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "truncated-json": payload({
    meaning: "The JSON of a token event is truncated; the stream continues.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "unknown-type": payload({
    meaning: "An event has a type that is not in the contract.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "missing-field": payload({ meaning: "A token event has no text.", reports: "`invalid-event`", ...AT_TOKEN }),
  "index-gap": payload({
    meaning: "The token index skips one number.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "index-repeat": payload({
    meaning: "A token index is repeated.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "swap-tokens": payload({
    meaning: "A token and the next one are swapped.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "drop-token": payload({
    meaning: "A token event is missing.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "duplicate-token": payload({
    meaning: "A token event is sent twice.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "wrong-job-id": payload({
    meaning: "`started` names another job.",
    reports: "`cross-talk` (`INVALID_EVENT` for a single stream)",
    params: { jobId: param.text("another-job") },
  }),
  "cross-talk": payload({
    meaning: "A token has the text that another running job has just sent. Bypassed if no other job is running.",
    reports: "`cross-talk` with `nonces`, otherwise unexpected tokens",
    ...AT_TOKEN,
  }),
  "two-terminals": payload({
    meaning: "The `end` event is sent twice.",
    reports: "`ORDER_VIOLATED` (after-terminal)",
  }),
  "data-after-end": payload({
    meaning: "A token event follows the `end` event.",
    reports: "`ORDER_VIOLATED` (after-terminal)",
  }),
  "wrong-tokens-out": payload({
    meaning: "`tokens_out` is lower than the number of token events.",
    reports: "`COMPLETION_FAILED`",
  }),
  "late-started": payload({
    meaning: "`started` is sent after the first token.",
    reports: "`ORDER_VIOLATED` (first)",
  }),
} as const;

/** Faults of the engine, the queue and the slots. */
export const ENGINE_FAULTS = {
  "vram-oom": engine({
    meaning: "Device memory runs out: the job fails, the worker continues.",
    reports: "`worker-error` VRAM_OOM, retriable",
    at: IN_JOB,
    defaultAt: { afterTokens: 0 },
  }),
  "cuda-error": engine({
    meaning: "The device fails.",
    reports: "`worker-error` CUDA_ERROR",
    at: IN_JOB,
    defaultAt: { afterTokens: 0 },
  }),
  "inference-failed": engine({
    meaning: "The engine fails.",
    reports: "`worker-error` INFERENCE_FAILED",
    at: IN_JOB,
    defaultAt: { afterTokens: 0 },
  }),
  hang: engine({
    meaning: "No further token is generated; the connection stays open.",
    reports: "`limit-exceeded` (firstTokenMs or tokenIdleMs)",
    at: IN_JOB,
    defaultAt: { afterTokens: 0 },
  }),
  slow: engine({
    meaning: "Adds `itlMs` to the latency of every further token.",
    reports: "a slow `complete`; `limit-exceeded` (tokenIdleMs) if slower than the limit",
    params: { itlMs: param.ms(100) },
    at: IN_JOB,
    defaultAt: { afterTokens: 0 },
  }),
  "never-stops": engine({
    meaning: "Generation continues past `max_tokens`.",
    reports: "`limit-exceeded` (eventCount, totalMs)",
  }),
  "ignores-stop": engine({
    meaning: "Stop sequences are ignored.",
    reports: "`not-as-requested` (stop), `STOP_MISMATCH`",
  }),
  "ignores-cancel": engine({
    meaning: "A cancellation is accepted, but the job continues.",
    reports: "cancel result `ignored`, `CANCEL_IGNORED`",
  }),
  "ignores-disconnect": engine({
    meaning: "The job continues after its client has disconnected.",
    reports: "`IDLE_TIMEOUT`, unless the job is short",
  }),
  "slot-leak": engine({
    meaning: "The slot of the job is never released.",
    reports: "`IDLE_TIMEOUT`",
  }),
  "memory-leak": engine({
    meaning: "The job leaves `bytes` of device memory allocated, as reported by `/health`.",
    reports: "`vram_bytes` stays higher",
    params: { bytes: param.bytes(1024 * 1024) },
  }),
  nondeterministic: engine({
    meaning: "The same request yields different tokens.",
    reports: "unexpected tokens",
  }),
  "fake-streaming": engine({
    meaning: "All tokens are sent at once, at the end.",
    reports: "`complete`, with every token at the same time",
  }),
} as const;

/** Faults of `GET /health`. */
export const HEALTH_FAULTS = {
  lies: health({
    meaning: "`/health` reports healthy, but every job fails.",
    reports: "`worker-error` INFERENCE_FAILED while healthy",
  }),
  hangs: health({ meaning: "`/health` does not answer.", reports: "`LIMIT_HEADERS`" }),
  flaps: health({
    meaning: "`/health` alternates between healthy and 503 unhealthy.",
    reports: "status `unhealthy` in every other answer",
  }),
  "wrong-identity": health({
    meaning: "`/health` reports the id of another worker.",
    reports: "`WRONG_IDENTITY` at the start",
  }),
  "ready-too-early": health({
    meaning: "The ready line is printed `ms` before the socket listens.",
    reports: "`CONNECT_FAILED` at the start",
    params: { ms: param.ms(30_000) },
    startOnly: true,
  }),
} as const;
