export { collectSseEvents, collectStream, streamEvents, watchStream } from "./collect.js";
export { assertSuccessfulCompletion, findCompletionProblem } from "./completion.js";
export { countOf, describeEvent } from "./describe-event.js";
export { describeOutcome, describeProgress } from "./describe-outcome.js";
export { extractEndEvent, extractText, extractTokens, findEndEvent } from "./extract.js";
export {
  DEFAULT_STREAM_TIMEOUTS,
  resolveStreamTimeouts,
  STREAM_OPTIONS,
  streamTimeouts,
  type ResolvedStreamTimeouts,
  type StreamLimitName,
  type StreamTimeouts,
  type StreamOptions,
} from "./timeouts.js";
export { assertEventOrder, findOrderViolation } from "./order.js";
export { resolveOutcome, type CollectedStream, type StreamFault, type StreamOutcome } from "./outcome.js";
export type { EventsInput } from "./problem.js";
export { createMessageDecoder, type MessageDecoder } from "./message-decoder.js";
export { SseDecoder, type SseSizeLimits } from "./sse-decoder.js";
export { assertStopReason, findStopMismatch } from "./stop-reason.js";
export {
  assertStreamed,
  describeStreaming,
  findStreamingProblem,
  judgeStreaming,
  measureStreaming,
  type StreamingVerdict,
} from "./streaming.js";
export { BrokenStreamError } from "./stream-error.js";
export type { StreamResponse, StreamSource } from "./stream-source.js";
export { assertTokenCount, findTokenCountMismatch, type ExpectedTokenCount } from "./token-count.js";
