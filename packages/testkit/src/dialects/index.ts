export {
  describeContentType,
  ForeignJobError,
  isExecute,
  isStreamContentType,
  type Dialect,
  type Endpoint,
  type EventDecoder,
  type ExecuteBody,
  type Framing,
  type Inspection,
  type Slots,
  type WireMessage,
} from "./dialect.js";
export { DEFAULT_SEED, dropDefaultSeed, markDefaultSeed } from "./default-seed.js";
export { dialectOption, findDialect, type DialectName } from "./dialect-option.js";
export { parseEvent, type EndEvent, type InferenceEvent, type StartedEvent } from "./events.js";
export { orcd } from "./orcd.js";
export { mayServe, PROBE_PATHS, recognizeServer, type ProbeAnswer, type Recognition } from "./recognize.js";
export { mayIgnoreEos, mayRefuseExtensions, takesIgnoreEos } from "./server-fields.js";
export { isRetriable } from "./shared/event-builder.js";
export { recognizeBody } from "./shared/foreign.js";
export { VERSION_PLACES } from "./server-version.js";
