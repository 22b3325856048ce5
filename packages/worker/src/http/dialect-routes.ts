import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { JOB_ID_HEADER, REQUEST_LIMITS, SEED_HEADER, WorkerError } from "inference-worker-protocol";
import type { Ask, Dialect } from "../dialects/dialect.js";
import type * as dialects from "../dialects/index.js";
import type { Exchange, Route } from "./exchange.js";
import { MODEL_ROUTES } from "./model-routes.js";
import { decodeName } from "./path.js";
import { readJsonObject } from "./read-body.js";
import { toServedModel } from "./served-model.js";
import { submitJob } from "./submit-job.js";
import type { WorkerState } from "./worker-state.js";

type Dialects = typeof dialects;

/** The routes of other servers' dialects. Their modules are imported with the first request that needs them. */
export const DIALECT_ROUTES: readonly Route[] = [
  runs(/^\/v1\/chat\/completions$/, ({ openAiChat }) => openAiChat),
  runs(/^\/v1\/completions$/, ({ openAiCompletions }) => openAiCompletions),
  runs(/^\/v1\/responses$/, ({ openAiResponses }) => openAiResponses),
  runs(/^\/v1\/messages$/, ({ anthropicMessages }) => anthropicMessages),
  runs(/^\/api\/generate$/, ({ ollamaGenerate }) => ollamaGenerate),
  runs(/^\/api\/chat$/, ({ ollamaChat }) => ollamaChat),
  ...MODEL_ROUTES,
];

function runs(path: RegExp, dialectOf: (all: Dialects) => Dialect): Route {
  const handle = async (exchange: Exchange) => runJobFor(exchange, dialectOf(await import("../dialects/index.js")));
  return { path, method: "POST", handle };
}

async function runJobFor(exchange: Exchange, dialect: Dialect): Promise<void> {
  const { request, response, state } = exchange;
  let accepted;
  try {
    accepted = await prepare(request, state, dialect);
    state.scheduler.admit(accepted.request.job_id); // last: nothing may come between it and the submission
  } catch (error) {
    state.metrics.countRequest("rejected");
    throw error;
  }
  const { ask, promptTokens, request: engineRequest } = accepted;
  const { job_id: id } = engineRequest;
  response.setHeader(JOB_ID_HEADER, encodeURIComponent(id));
  response.setHeader(SEED_HEADER, String(engineRequest.seed));
  submitJob(
    exchange,
    engineRequest,
    ask.createEncoder({ id, model: ask.model, promptTokens, createdAtMs: Date.now() }),
  );
}

async function prepare(request: IncomingMessage, state: WorkerState, dialect: Dialect) {
  const { engine, maxTokensOut } = state;
  const ask = dialect.read(await readJsonObject(request), toServedModel(state));
  const { prepareRequest } = await import("../dialects/index.js");
  const chooseSeed = () => state.behavior.chooseSeed();
  const prepared = await prepareRequest(ask, { engine, maxTokensOut, jobId: chooseJobId(request, ask), chooseSeed });
  engine.check(prepared.request);
  return { ...prepared, ask };
}

/** A client that wants to find its job again (in faults, in the journal, to cancel it) chooses the id. */
function chooseJobId({ headers }: IncomingMessage, { idPrefix }: Ask): string {
  const given = headers[JOB_ID_HEADER];
  if (given === undefined) return `${idPrefix}${randomUUID().replaceAll("-", "")}`;
  const id = typeof given === "string" ? decodeName(given, `header ${JOB_ID_HEADER}`) : "";
  if (id.length > 0 && id.length <= REQUEST_LIMITS.jobIdMaxCharacters) return id;
  throw new WorkerError(
    "INVALID_REQUEST",
    `the header ${JOB_ID_HEADER} must have 1 to ${REQUEST_LIMITS.jobIdMaxCharacters} characters`,
  );
}
