import { InvalidRequestError, parseExecuteRequest, WorkerError } from "inference-worker-protocol";
import type { Engine, EngineRequest } from "../engine/engine.js";
import type { Ask } from "./dialect.js";
import { invalidField } from "./failures.js";

/** A request that the engine takes, and the tokens of its prompt. */
export interface PreparedRequest {
  readonly request: EngineRequest;
  readonly promptTokens: number;
}

export interface PrepareOptions {
  readonly engine: Engine;
  readonly maxTokensOut: number;
  readonly jobId: string;
  /** The seed of a request that has none. */
  readonly chooseSeed: () => bigint;
}

/**
 * Turns what a client asked for into a request of the worker: the chat template is applied, defaults are filled in, and the number of
 * tokens is limited to what the worker and the context allow.
 *
 * @throws {WorkerError} INVALID_REQUEST, CONTEXT_OVERFLOW
 */
export async function prepareRequest(
  ask: Ask,
  { engine, maxTokensOut, jobId, chooseSeed }: PrepareOptions,
): Promise<PreparedRequest> {
  const { input, sampling, format, ignoreEos, topLogprobs } = ask;
  const chat = typeof input === "string" ? undefined : input;
  const prompt = typeof input === "string" ? input : await engine.renderChat(input);
  const resolved = resolve({ ...sampling, job_id: jobId, prompt }, ask);
  const promptTokens = engine.tokenize(prompt).length;
  const left = engine.info.contextLength - promptTokens;
  if (left < 1) throw overflow(promptTokens, engine.info.contextLength);
  const max_tokens = Math.min(ask.maxTokens ?? Infinity, maxTokensOut, left);
  const seed = resolved.seed ?? chooseSeed();
  return { request: { ...resolved, max_tokens, seed, chat, format, ignoreEos, topLogprobs }, promptTokens };
}

/** The rules of `POST /execute`, with the names of the dialect. */
function resolve(body: Parameters<typeof parseExecuteRequest>[0], { names }: Ask) {
  try {
    return parseExecuteRequest(body);
  } catch (cause) {
    if (!(cause instanceof InvalidRequestError)) throw cause;
    const [first] = cause.errors;
    const field = first?.field ?? "body";
    throw invalidField(names[field] ?? field, first?.message.replace(`${field} `, "") ?? "is invalid");
  }
}

function overflow(promptTokens: number, contextLength: number): WorkerError {
  return new WorkerError(
    "CONTEXT_OVERFLOW",
    `the prompt has ${promptTokens} tokens; the context holds ${contextLength}, with at least one for the output`,
  );
}
