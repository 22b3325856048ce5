import { answerJson } from "./answers.js";
import type { Exchange, Route } from "./exchange.js";
import { decodeName } from "./path.js";
import { readJsonObject } from "./read-body.js";
import { toServedModel } from "./served-model.js";
import type { WorkerState } from "./worker-state.js";

/** The routes that describe the worker and its model in other dialects, or answer without a job. */
export const MODEL_ROUTES: readonly Route[] = [
  { path: /^\/v1\/models$/, method: "GET", handle: answerModels },
  { path: /^\/v1\/models\/(.+)$/, method: "GET", handle: answerModel },
  { path: /^\/v1\/embeddings$/, method: "POST", handle: answerEmbeddings },
  { path: /^\/api\/tags$/, method: "GET", handle: answerTags },
  { path: /^\/api\/version$/, method: "GET", handle: answerVersion },
  { path: /^\/openapi\.json$/, method: "GET", handle: answerApi },
  { path: /^\/tokenize$/, method: "POST", handle: answerTokens },
];

function readyAtMs(state: WorkerState): number {
  return Date.now() - state.uptimeSeconds() * 1000;
}

async function answerModels({ response, state }: Exchange): Promise<void> {
  const { listModels } = await import("../dialects/index.js");
  answerJson(response, 200, listModels(toServedModel(state), readyAtMs(state)));
}

async function answerModel({ response, state }: Exchange, name: string): Promise<void> {
  const { describeModel } = await import("../dialects/index.js");
  answerJson(
    response,
    200,
    describeModel(decodeName(name, "model in the path"), toServedModel(state), readyAtMs(state)),
  );
}

async function answerEmbeddings({ request, response, state }: Exchange): Promise<void> {
  const body = await readJsonObject(request);
  const { embedAll } = await import("../dialects/index.js");
  answerJson(response, 200, embedAll(body, state.engine, toServedModel(state)));
}

async function answerTags({ response, state }: Exchange): Promise<void> {
  const { listTags } = await import("../dialects/index.js");
  const { vramBytes } = state.engine.memory();
  answerJson(response, 200, listTags(toServedModel(state), { vramBytes, readyAtMs: readyAtMs(state) }));
}

async function answerVersion({ response }: Exchange): Promise<void> {
  const { describeVersion } = await import("../dialects/index.js");
  answerJson(response, 200, describeVersion());
}

async function answerTokens({ request, response, state }: Exchange): Promise<void> {
  const body = await readJsonObject(request);
  const { tokenize } = await import("../dialects/index.js");
  answerJson(response, 200, await tokenize(body, state.engine, toServedModel(state)));
}

let api: object | undefined;

/** Made once: with its own converter, it is imported by nothing else. */
async function answerApi({ response, state }: Exchange): Promise<void> {
  api ??= (await import("../dialects/openapi.js")).describeApi(state.version);
  answerJson(response, 200, api);
}
