export { TESTKIT_ERRORS, type TestkitErrorCode } from "./codes.js";
export {
  AssertionFailedError,
  ConnectFailedError,
  EvidenceError,
  HttpFailedError,
  InvalidOptionError,
  InvalidResponseError,
  ModelError,
  NotRecoveredError,
  OrderError,
  ProcessDiedError,
  ReadyTimeoutError,
  ReportFailedError,
  ReportInvalidError,
  SpawnFailedError,
  StopFailedError,
  StreamError,
  WrongIdentityError,
} from "./errors.js";
export { firstLine, reasonOf } from "./first-line.js";
export { throwAll } from "./throw-all.js";
export { isTestkitError, shortenCode, TestkitError, withReason, type TestkitErrorOptions } from "./testkit-error.js";
export { toVisibleError } from "./visible-error.js";
