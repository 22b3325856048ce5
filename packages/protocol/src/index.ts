export {
  WORKER_ERRORS,
  WorkerError,
  type WorkerErrorBody,
  type WorkerErrorCode,
  type WorkerErrorInfo,
} from "./errors.js";
export {
  EVENT_TYPES,
  InvalidEventError,
  parseInferenceEvent,
  STOP_REASONS,
  type EndEvent,
  type ErrorEvent,
  type InferenceEvent,
  type InferenceEventType,
  type MetricsEvent,
  type StartedEvent,
  type StopReason,
  type TokenEvent,
  type ToolCallEvent,
} from "./events.js";
export {
  DETERMINISM_LEVELS,
  parseHealth,
  parseSlots,
  type DeterminismLevel,
  type Health,
  type Slots,
} from "./health.js";
export { MAX_NUMBER_CHARACTERS, NumberTooLongError, parseJson, stringifyJson } from "./json.js";
export { REQUEST_LIMITS } from "./limits.js";
export {
  CORRELATION_ID_HEADER,
  JOB_ID_HEADER,
  SEED_HEADER,
  findReadyLine,
  parseCancelAnswer,
  type CancelAnswer,
  type CancelState,
  type ReadyLine,
} from "./process.js";
export { InvalidRequestError, type FieldError } from "./request-error.js";
export {
  parseExecuteRequest,
  type ExecuteRequest,
  type ExecuteRequestOptions,
  type ResolvedExecuteRequest,
} from "./request.js";
export { encodeSseEvent, EVENT_STREAM_CONTENT_TYPE } from "./sse.js";
