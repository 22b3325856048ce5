import type { ErrorForm } from "../dialect.js";

/** Ollama says no more than a message. */
export const OLLAMA_ERRORS: ErrorForm = {
  statusOf: ({ status }) => status,
  bodyOf: ({ message }) => ({ error: message }),
};
