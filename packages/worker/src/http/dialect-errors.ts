import type { ServerResponse } from "node:http";
import type { ErrorForm } from "../dialects/dialect.js";
import { answerError, answerJson, setErrorHeaders } from "./answers.js";

interface Family {
  readonly path: RegExp;
  /** Imported when the first request fails. */
  readonly load: () => Promise<ErrorForm>;
}

/** Who expects which form of errors; on every other path it is that of the wire protocol. */
const FAMILIES: readonly Family[] = [
  { path: /^\/v1\/messages(\/|$)/, load: async () => (await import("../dialects/anthropic/errors.js")).ANTHROPIC_ERRORS },
  { path: /^\/(v1|tokenize)(\/|$)/, load: async () => (await import("../dialects/openai/errors.js")).OPENAI_ERRORS },
  { path: /^\/api(\/|$)/, load: async () => (await import("../dialects/ollama/errors.js")).OLLAMA_ERRORS },
];

/** Answers a request that failed, in the form of the dialect to which its path belongs. */
export async function answerErrorOn(path: string, response: ServerResponse, error: unknown): Promise<void> {
  const family = FAMILIES.find((candidate) => candidate.path.test(path));
  if (family === undefined) {
    answerError(response, error);
    return;
  }
  const [form, { factsOf }] = await Promise.all([family.load(), import("../dialects/failures.js")]);
  if (response.destroyed) return;
  const facts = factsOf(error);
  setErrorHeaders(response, error);
  answerJson(response, form.statusOf(facts), form.bodyOf(facts));
}
