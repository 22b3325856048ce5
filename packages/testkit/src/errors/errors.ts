import type { TestkitErrorCode } from "./codes.js";
import { TestkitError, type TestkitErrorOptions } from "./testkit-error.js";

/** Creates an error class whose errors always have the same code. */
const withCode = (code: TestkitErrorCode) =>
  class extends TestkitError {
    constructor(options: TestkitErrorOptions) {
      super(code, options);
    }
  };

/** An option, an environment variable or an argument has an invalid value. */
export class InvalidOptionError extends withCode("INVALID_OPTION") {
  /** The path of the option in the message, or of the unknown name: `limits.maxToken`. Not enumerable, because reporters print what is. */
  declare readonly option: string | undefined;

  constructor({ option, ...others }: TestkitErrorOptions & { readonly option?: string | undefined }) {
    super(others);
    Object.defineProperty(this, "option", { value: option });
  }
}
/** The worker program could not be started. */
export class SpawnFailedError extends withCode("SPAWN_FAILED") {}
/** The worker did not become ready within `readyTimeoutMs`. */
export class ReadyTimeoutError extends withCode("READY_TIMEOUT") {}
/** The worker process ended by itself. */
export class ProcessDiedError extends withCode("PROCESS_DIED") {}
/** A worker other than the started one answered. */
export class WrongIdentityError extends withCode("WRONG_IDENTITY") {}
/** Processes of the worker outlived SIGKILL. */
export class StopFailedError extends withCode("STOP_FAILED") {}
/** No connection, or it broke before a response arrived. */
export class ConnectFailedError extends withCode("CONNECT_FAILED") {}
/** The worker answered with a status other than 2xx. */
export class HttpFailedError extends withCode("HTTP_FAILED") {}
/** The answer violates the protocol. */
export class InvalidResponseError extends withCode("INVALID_RESPONSE") {}

/** A stream did not end properly; `code` says how it ended. */
export class StreamError extends TestkitError {}
/** The events are in the wrong order. */
export class OrderError extends withCode("ORDER_VIOLATED") {}
/** An assertion about a stream failed; `code` says which one. */
export class AssertionFailedError extends TestkitError {}
/** A worker did not serve again in time after a fault. */
export class NotRecoveredError extends withCode("NOT_RECOVERED") {}
/** An evidence bundle cannot be written or used; `code` says which. */
export class EvidenceError extends TestkitError {}
/** A model file is missing or unusable; `code` says which. */
export class ModelError extends TestkitError {}
/** A report could not be written. */
export class ReportFailedError extends withCode("REPORT_FAILED") {}
/** The file is not a report of a version that can be read. */
export class ReportInvalidError extends withCode("REPORT_INVALID") {}
