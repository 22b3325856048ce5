/** What a JSON-RPC error of the engine itself means, its number and what to do. The framework's own codes are those of `docs/errors.md`. */
export const RPC_ERRORS = {
  PARSE_ERROR: {
    number: -32_700,
    meaning: "a line is not JSON, or not UTF-8",
    hint: "Write one JSON object per line.",
  },
  INVALID_REQUEST: {
    number: -32_600,
    meaning: "a line is JSON, but not a JSON-RPC 2.0 request",
    hint: 'Write `{"jsonrpc": "2.0", "id": 1, "method": "…", "params": {…}}`.',
  },
  METHOD_NOT_FOUND: { number: -32_601, meaning: "no such method", hint: "See docs/serve.md for the methods." },
  INTERNAL_ERROR: {
    number: -32_603,
    meaning: "a defect of the engine; the stack is on its stderr",
    hint: "Please report it with the lines that the engine printed on stderr.",
  },
  CALL_TIMEOUT: {
    number: -32_001,
    meaning: "the call did not end within `callTimeoutMs`; its work was aborted",
    hint: "Raise `callTimeoutMs`, or look at the worker's log.",
  },
  NOT_INITIALIZED: {
    number: -32_002,
    meaning: "the first call was not `initialize`",
    hint: "Call `initialize` first.",
  },
  UNKNOWN_VERSION: {
    number: -32_003,
    meaning: "the engine does not speak the requested version of the protocol",
    hint: "Use a client and an engine of the same version.",
  },
  TOO_MANY_CALLS: {
    number: -32_004,
    meaning: "1,000 calls are in flight",
    hint: "Wait for answers before the next call.",
  },
  SHUTTING_DOWN: { number: -32_005, meaning: "the engine is ending", hint: "Start another engine." },
  CANCELLED: {
    number: -32_800,
    meaning: "the client cancelled the call with `$/cancel`",
    hint: "Nothing: you asked for it.",
  },
} as const;

export type RpcErrorCode = keyof typeof RPC_ERRORS;

/** A code of the framework, thrown by a method. */
export const FRAMEWORK_ERROR = -32_000;
/** `INVALID_OPTION`: JSON-RPC has a number of its own for invalid params. */
export const INVALID_PARAMS = -32_602;

/** An error of the engine itself: the line or the call was wrong. */
export class RpcError extends Error {
  readonly code: RpcErrorCode;

  constructor(code: RpcErrorCode, message: string) {
    super(message);
    this.name = "RpcError";
    this.code = code;
  }
}
