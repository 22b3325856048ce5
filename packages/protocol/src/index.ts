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
} from "./events.js";
export {
  CONTROL_PATHS,
  type ArmAnswer,
  type FaultsAnswer,
  type JobJournal,
  type JournalAnswer,
  type JournalEntry,
} from "./control.js";
export {
  definitionOf,
  FAULT_GROUPS,
  FAULT_IDS,
  FaultLedger,
  FAULTS,
  parseFaults,
  type FaultAccount,
  type FaultDefinition,
  type FaultGroup,
  type FaultHit,
  type FaultId,
  type FaultIdOf,
  type FaultListener,
  type FaultMatch,
  type FaultOpportunity,
  type FaultPoint,
  type FaultProvider,
  type FaultSpec,
  type FaultTrigger,
  type FaultWhen,
  type ResolvedFault,
} from "./faults/index.js";
export {
  DETERMINISM_LEVELS,
  parseHealth,
  parseSlots,
  type DeterminismLevel,
  type Health,
  type Slots,
} from "./health.js";
export { parseJson, stringifyJson } from "./json.js";
export { REQUEST_LIMITS } from "./limits.js";
export {
  CORRELATION_ID_HEADER,
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
export { combine, combineMixed, hashSeed, hashText, mix32, toUnit } from "./random.js";
export { suggest } from "./suggest.js";
export { parseStubConfig, type StubConfig, type StubConfigInput, type StubGap } from "./stub-config.js";
export { encodeSseEvent, EVENT_STREAM_CONTENT_TYPE } from "./sse.js";
