import type { EngineRequest } from "../../engine/engine.js";
import type { CreateMutation, Mutation } from "./mutation.js";

function withLimit(change: (maxTokens: number, runningCount: number) => number): CreateMutation {
  const changeRequest: Mutation["changeRequest"] = (request: EngineRequest, runningCount) => ({
    ...request,
    max_tokens: change(request.max_tokens, runningCount),
  });
  return () => ({ changeRequest });
}

function withPrompt(change: (request: EngineRequest) => string): CreateMutation {
  return () => ({ changeRequest: (request) => ({ ...request, prompt: change(request) }) });
}

/** The defects of accepted requests. */
export const REQUEST_MUTATIONS = {
  "length.one-too-many": withLimit((maxTokens) => maxTokens + 1),
  "length.one-too-few": withLimit((maxTokens) => Math.max(1, maxTokens - 1)),
  "length.caps-at-128": withLimit((maxTokens) => Math.min(128, maxTokens)),
  "length.hints-the-limit": withPrompt(({ prompt, max_tokens: limit }) => `${prompt} Use ${limit} tokens.`),
  "text.drops-non-ascii-from-the-prompt": withPrompt(({ prompt }) => prompt.replace(/[^\p{ASCII}]/gu, "")),
  "concurrency.shortens-the-second": withLimit((maxTokens, runningCount) => {
    return runningCount === 0 ? maxTokens : Math.ceil(maxTokens / 2);
  }),
} as const satisfies Readonly<Record<string, CreateMutation>>;
