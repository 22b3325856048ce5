import type { ServerResponse } from "node:http";
import type { ErrorForm } from "../dialects/dialect.js";
import type * as dialects from "../dialects/index.js";
import { answerError, answerJson, setErrorHeaders } from "./answers.js";

type Dialects = typeof dialects;

interface Family {
  readonly path: RegExp;
  readonly formOf: (all: Dialects) => ErrorForm;
}

/** The error format expected on each path; all other paths use that of the wire protocol. */
const FAMILIES: readonly Family[] = [
  { path: /^\/v1\/messages(\/|$)/, formOf: ({ ANTHROPIC_ERRORS }) => ANTHROPIC_ERRORS },
  { path: /^\/(v1|tokenize)(\/|$)/, formOf: ({ OPENAI_ERRORS }) => OPENAI_ERRORS },
  { path: /^\/api(\/|$)/, formOf: ({ OLLAMA_ERRORS }) => OLLAMA_ERRORS },
];

/** Answers a request that failed, in the form of the dialect to which its path belongs. */
export async function answerErrorOn(path: string, response: ServerResponse, error: unknown): Promise<void> {
  const family = FAMILIES.find((candidate) => candidate.path.test(path));
  if (family === undefined) {
    answerError(response, error);
    return;
  }
  const loaded = await import("../dialects/index.js"); // with the first request that needs it: a start does not
  if (response.destroyed) return;
  const form = family.formOf(loaded);
  const facts = loaded.factsOf(error);
  setErrorHeaders(response, error);
  answerJson(response, form.statusOf(facts), form.bodyOf(facts));
}
