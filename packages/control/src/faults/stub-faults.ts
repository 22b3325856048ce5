import { defineGroup, param } from "./define-fault.js";

const payload = defineGroup("payload", "stub");
const engine = defineGroup("engine", "stub");
const health = defineGroup("health", "stub");

/** A point in the generation. */
const IN_JOB = ["tokens", "ms"] as const;
/** A token event with this index. */
const AT_TOKEN = { at: ["tokens"], defaultAt: { afterTokens: 1 } } as const;

/** Faults of what the events say. `at: { afterTokens: n }` means the token event with index n. */
export const PAYLOAD_FAULTS = {
  "invalid-json": payload({
    meaning: "The data of a token event is no JSON.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "truncated-json": payload({
    meaning: "The JSON of a token event breaks off, the stream goes on.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "unknown-type": payload({
    meaning: "An event of a type that the contract does not know.",
    reports: "`invalid-event`",
    ...AT_TOKEN,
  }),
  "missing-field": payload({ meaning: "A token event without its text.", reports: "`invalid-event`", ...AT_TOKEN }),
  "index-gap": payload({ meaning: "The index jumps by one.", reports: "`ORDER_VIOLATED` (token-index)", ...AT_TOKEN }),
  "index-repeat": payload({
    meaning: "An index comes twice.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "swap-tokens": payload({
    meaning: "A token and the next one change places.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "drop-token": payload({ meaning: "A token is lost.", reports: "`ORDER_VIOLATED` (token-index)", ...AT_TOKEN }),
  "duplicate-token": payload({
    meaning: "A token event is sent twice.",
    reports: "`ORDER_VIOLATED` (token-index)",
    ...AT_TOKEN,
  }),
  "wrong-job-id": payload({
    meaning: "`started` names another job.",
    reports: "`cross-talk` (a stream alone: `INVALID_EVENT`)",
    params: { jobId: param.text("somebody-else") },
  }),
  "cross-talk": payload({
    meaning: "A token has the text that another running job has just sent; without one, nothing happens.",
    reports: "`cross-talk` with `nonces`, else other tokens than expected",
    ...AT_TOKEN,
  }),
  "two-terminals": payload({
    meaning: "The `end` event comes twice.",
    reports: "`ORDER_VIOLATED` (after-terminal)",
  }),
  "data-after-end": payload({
    meaning: "A token event follows the `end` event.",
    reports: "`ORDER_VIOLATED` (after-terminal)",
  }),
  "wrong-tokens-out": payload({
    meaning: "`tokens_out` is less than the number of token events.",
    reports: "`COMPLETION_FAILED`",
  }),
  "late-started": payload({
    meaning: "`started` comes after the first token.",
    reports: "`ORDER_VIOLATED` (first)",
  }),
} as const;

/** Faults of the engine, the queue and the slots. */
export const ENGINE_FAULTS = {
  "vram-oom": engine({
    meaning: "Device memory runs out; the job fails, the worker goes on.",
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
    meaning: "No further token is computed, the connection stays open.",
    reports: "`limit-exceeded` (firstTokenMs or tokenIdleMs)",
    at: IN_JOB,
    defaultAt: { afterTokens: 0 },
  }),
  slow: engine({
    meaning: "From there on every token takes so much longer.",
    reports: "a slow `complete`; `limit-exceeded` (tokenIdleMs) when slower than the limit",
    params: { itlMs: param.ms(100) },
    at: IN_JOB,
    defaultAt: { afterTokens: 0 },
  }),
  "never-stops": engine({
    meaning: "Generation goes on past `max_tokens`.",
    reports: "`limit-exceeded` (eventCount, totalMs), or more tokens than asked for",
  }),
  "ignores-stop": engine({
    meaning: "Stop sequences are not looked for.",
    reports: "`STOP_MISMATCH`",
  }),
  "ignores-cancel": engine({
    meaning: "A cancellation is accepted, and the job goes on.",
    reports: "cancel result `ignored`, `CANCEL_IGNORED`",
  }),
  "ignores-disconnect": engine({
    meaning: "The job goes on when its client has left.",
    reports: "`IDLE_TIMEOUT`, unless the job is short",
  }),
  "slot-leak": engine({
    meaning: "The slot of the job is never given back.",
    reports: "`IDLE_TIMEOUT`",
  }),
  "memory-leak": engine({
    meaning: "So many bytes of device memory are not freed with the job, in the figures of `/health`.",
    reports: "`vram_bytes` stays higher",
    params: { bytes: param.bytes(1024 * 1024) },
  }),
  nondeterministic: engine({
    meaning: "The same request gives other tokens.",
    reports: "other tokens than expected",
  }),
  "fake-streaming": engine({
    meaning: "All tokens are sent together at the end.",
    reports: "`complete`, with every token at the same time",
  }),
} as const;

/** Faults of `GET /health`. */
export const HEALTH_FAULTS = {
  lies: health({
    meaning: "`/health` says healthy, and every job fails.",
    reports: "`worker-error` INFERENCE_FAILED while healthy",
  }),
  hangs: health({ meaning: "`/health` does not answer.", reports: "`LIMIT_HEADERS`" }),
  flaps: health({
    meaning: "Every other answer of `/health` is 503 unhealthy.",
    reports: "status `unhealthy` in turn",
  }),
  "wrong-identity": health({
    meaning: "`/health` names another worker.",
    reports: "`WRONG_IDENTITY` at the start",
  }),
  "ready-too-early": health({
    meaning: "The ready line comes so long before the socket listens.",
    reports: "`CONNECT_FAILED` at the start",
    params: { ms: param.ms(30_000) },
    startOnly: true,
  }),
} as const;
