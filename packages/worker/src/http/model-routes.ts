import { answerJson } from "./answers.js";
import type { Exchange, Route } from "./exchange.js";
import { decodeName } from "./path.js";
import { readJsonObject } from "./read-body.js";
import { toServedModel } from "./served-model.js";
import type { WorkerState } from "./worker-state.js";

/** The routes of other servers' dialects that run no job. */
export const MODEL_ROUTES: readonly Route[] = [
  { path: /^\/v1\/models$/, method: "GET", handle: answerModels },
  { path: /^\/v1\/models\/(.+)$/, method: "GET", handle: answerModel },
  { path: /^\/v1\/embeddings$/, method: "POST", handle: answerEmbeddings },
  { path: /^\/api\/tags$/, method: "GET", handle: answerTags },
  { path: /^\/api\/version$/, method: "GET", handle: answerVersion },
  { path: /^\/tokenize$/, method: "POST", handle: answerTokens },
];

function readyAtMs({ uptimeSeconds }: WorkerState): number {
  return Date.now() - uptimeSeconds() * 1000;
}

async function answerModels({ response, state }: Exchange): Promise<void> {
  const { listModels } = await import("../dialects/openai/models.js");
  answerJson(response, 200, listModels(toServedModel(state), readyAtMs(state)));
}

async function answerModel({ response, state }: Exchange, name: string): Promise<void> {
  const { describeModel } = await import("../dialects/openai/models.js");
  answerJson(response, 200, describeModel(decodeName(name, "model"), toServedModel(state), readyAtMs(state)));
}

async function answerEmbeddings({ request, response, state }: Exchange): Promise<void> {
  const body = await readJsonObject(request);
  const { embedAll } = await import("../dialects/openai/embeddings.js");
  answerJson(response, 200, embedAll(body, state.engine, toServedModel(state)));
}

async function answerTags({ response, state }: Exchange): Promise<void> {
  const { listTags } = await import("../dialects/ollama/models.js");
  const { vramBytes } = state.engine.memory();
  answerJson(response, 200, listTags(toServedModel(state), { vramBytes, readyAtMs: readyAtMs(state) }));
}

async function answerVersion({ response }: Exchange): Promise<void> {
  const { describeVersion } = await import("../dialects/ollama/models.js");
  answerJson(response, 200, describeVersion());
}

async function answerTokens({ request, response, state }: Exchange): Promise<void> {
  const body = await readJsonObject(request);
  const { tokenize } = await import("../dialects/tokenize.js");
  answerJson(response, 200, await tokenize(body, state.engine, toServedModel(state)));
}
