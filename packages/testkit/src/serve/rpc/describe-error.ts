import { inspect } from "node:util";
import { isTestkitError, toVisibleError, type TestkitError } from "../../errors/index.js";
import { BrokenStreamError } from "../../events/index.js";
import { FRAMEWORK_ERROR, INVALID_PARAMS, RPC_ERRORS, RpcError } from "./rpc-error.js";

/** What a client gets to know about an error. */
export interface ErrorData {
  /** A code of `docs/errors.md`, or one of {@link RPC_ERRORS}. */
  readonly code: string;
  readonly name: string;
  /** Self-contained, as the framework words it. */
  readonly message: string;
  readonly hint?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly logTail?: readonly string[] | undefined;
  /** The name of the invalid option. */
  readonly option?: string | undefined;
  /** Whether it is a failed assertion rather than a failure of a call. */
  readonly isAssertion: boolean;
  /** All of them, if several things failed at once; the first one leads. */
  readonly errors?: readonly ErrorData[] | undefined;
  /** What had arrived of a stream that broke. */
  readonly partial?: unknown;
}

/** The `error` of a JSON-RPC answer. */
export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data: ErrorData;
}

const ASSERTIONS = new Set(["AssertionFailedError", "OrderError", "NotRecoveredError"]);

/** The `error` of an answer. */
export function toErrorObject(error: unknown): ErrorObject {
  const data = describeError(error);
  return { code: toNumber(data.code), message: data.message, data };
}

/** An error as plain data. */
export function describeError(error: unknown): ErrorData {
  if (error instanceof RpcError) {
    const { code, name, message } = error;
    return { code, name, message, hint: RPC_ERRORS[code].hint, isAssertion: false };
  }
  if (isTestkitError(error)) return describeTestkitError(error);
  if (error instanceof AggregateError && error.errors.length > 0) return describeSeveral(error.errors);
  const { name, message } = toVisibleError(error instanceof Error ? error : new Error(inspect(error))) as Error;
  return { code: "INTERNAL_ERROR", name, message, hint: RPC_ERRORS.INTERNAL_ERROR.hint, isAssertion: false };
}

function describeTestkitError(error: TestkitError): ErrorData {
  const { code, name, message, hint, details, logTail } = error;
  const { option } = error as { readonly option?: unknown };
  return {
    code,
    name,
    message,
    hint,
    details,
    logTail,
    option: typeof option === "string" ? option : undefined,
    isAssertion: ASSERTIONS.has(name) || code.startsWith("MEMORY_"),
    partial: error instanceof BrokenStreamError ? error.partial : undefined,
  };
}

/** Several failures at once: the first one leads, and the message has all of them. */
function describeSeveral(all: readonly unknown[]): ErrorData {
  const errors = all.map(describeError);
  const [first] = errors as [ErrorData, ...ErrorData[]];
  return { ...first, message: errors.map(({ message }) => message).join("\n"), errors };
}

function toNumber(code: string): number {
  if (code === "INVALID_OPTION") return INVALID_PARAMS;
  return Object.hasOwn(RPC_ERRORS, code) ? RPC_ERRORS[code as keyof typeof RPC_ERRORS].number : FRAMEWORK_ERROR;
}
