export {
  checkDuration,
  checkFilledText,
  checkInteger,
  checkKnownOptions,
  checkNotNegative,
  checkOption,
  checkPositive,
  checkSignal,
  checkText,
  checkTimeout,
} from "./check-option.js";
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
export { shortenCode } from "./shorten-code.js";
export { isTestkitError, TestkitError, withReason, type TestkitErrorOptions } from "./testkit-error.js";
export { toVisibleError } from "./visible-error.js";
