import type { ErrorFacts, ErrorForm } from "../dialect.js";

/** Codes of the catalogue that OpenAI has a name of its own for. */
const CODES: Readonly<Record<string, string>> = { CONTEXT_OVERFLOW: "context_length_exceeded" };

/** Types by status; every other 4xx is an invalid request. */
const TYPES: Readonly<Record<number, string>> = {
  403: "permission_error",
  408: "timeout_error",
  504: "timeout_error",
};

/** The error object of OpenAI's API. */
export const OPENAI_ERRORS: ErrorForm = {
  statusOf: ({ status }) => status,
  bodyOf: (facts) => ({ error: toErrorObject(facts) }),
};

export function toErrorObject({ code, message, status, param, isUnknownModel }: ErrorFacts) {
  const type = TYPES[status] ?? (status < 500 ? "invalid_request_error" : "server_error");
  const own = CODES[code] ?? code.toLowerCase();
  return { message, type, param: param ?? null, code: isUnknownModel === true ? "model_not_found" : own };
}
