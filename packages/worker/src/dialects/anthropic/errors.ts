import type { ErrorFacts, ErrorForm } from "../dialect.js";

const OVERLOADED = 529;
/** Codes that mean that the worker has no room. */
const FULL = new Set(["QUEUE_FULL", "SHUTTING_DOWN"]);

const TYPES: Readonly<Record<number, string>> = {
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  504: "timeout_error",
  [OVERLOADED]: "overloaded_error",
};

function statusOf({ code, status }: ErrorFacts): number {
  return FULL.has(code) ? OVERLOADED : status;
}

/** The error object of Anthropic's API. */
export const ANTHROPIC_ERRORS: ErrorForm = {
  statusOf,
  bodyOf: (facts) => {
    const status = statusOf(facts);
    const type = TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
    return { type: "error", error: { type, message: facts.message } };
  },
};
