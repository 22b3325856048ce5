import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseExecuteRequest, WorkerError, type Health } from "inference-worker-protocol";
import type { EngineRequest } from "../engine/engine.js";
import { answerJson } from "./answers.js";
import { DIALECT_ROUTES } from "./dialect-routes.js";
import type { Exchange, Route } from "./exchange.js";
import { ORCD_ENCODER } from "./orcd-encoder.js";
import { decodeName, pathOf } from "./path.js";
import { readJsonObject, requireJsonContentType } from "./read-body.js";
import { submitJob } from "./submit-job.js";
import type { WorkerState } from "./worker-state.js";

export const ROUTES: readonly Route[] = [
  { path: /^\/execute$/, method: "POST", handle: execute },
  { path: /^\/health$/, method: "GET", handle: health },
  { path: /^\/metrics$/, method: "GET", handle: metrics },
  { path: /^\/cancel\/([^/]+)$/, method: "POST", handle: cancelByPath },
  { path: /^\/cancel$/, method: "POST", handle: cancelByBody },
  { path: /^\/shutdown$/, method: "POST", handle: shutdown },
  ...DIALECT_ROUTES,
];

/**
 * Answers one request.
 *
 * @throws {WorkerError} NOT_FOUND, METHOD_NOT_ALLOWED, and everything the route throws.
 */
export async function route(exchange: Exchange): Promise<void> {
  const path = pathOf(exchange.request);
  const routes = ROUTES.filter((candidate) => candidate.path.test(path));
  if (routes.length === 0) throw new WorkerError("NOT_FOUND", `no such path: ${path.slice(0, 200)}`);
  const method = exchange.request.method ?? "?";
  const found = routes.find(
    (candidate) => candidate.method === method || (candidate.method === "GET" && method === "HEAD"),
  );
  if (found === undefined) {
    const allow = routes.map((candidate) => (candidate.method === "GET" ? "GET, HEAD" : candidate.method)).join(", ");
    throw new WorkerError("METHOD_NOT_ALLOWED", `${method} is not allowed on ${path.slice(0, 200)}`, {
      details: { allow },
    });
  }
  await found.handle(exchange, found.path.exec(path)?.[1] ?? "");
}

async function execute(exchange: Exchange): Promise<void> {
  submitJob(exchange, await acceptRequest(exchange.request, exchange.state), ORCD_ENCODER);
}

async function acceptRequest(request: IncomingMessage, state: WorkerState): Promise<EngineRequest> {
  try {
    const resolved = parseExecuteRequest(await readJsonObject(request), { maxTokensOut: state.maxTokensOut });
    const engineRequest = { ...resolved, seed: resolved.seed ?? randomBytes(8).readBigUInt64LE() };
    state.scheduler.admit(resolved.job_id);
    state.engine.check(engineRequest);
    return engineRequest;
  } catch (error) {
    state.metrics.countRequest("rejected");
    throw error;
  }
}

function health({ response, state }: Exchange): void {
  const { info } = state.engine;
  const healthy = !state.stopping;
  const body: Health = {
    status: healthy ? "healthy" : "unhealthy",
    worker_id: state.workerId,
    model: info.model,
    device: info.device,
    resident: info.resident,
    vram_bytes: state.engine.memory().vramBytes,
    quant_kind: info.quantKind,
    context_length: info.contextLength,
    vocab_size: info.vocabSize,
    uptime_seconds: state.uptimeSeconds(),
    slots: state.scheduler.slots,
    determinism: [...info.determinism],
    pid: process.pid,
  };
  const revised = state.behavior.overrideHealth(body);
  if (revised !== undefined) answerJson(response, revised.status === "healthy" ? 200 : 503, revised);
}

function metrics({ response, state }: Exchange): void {
  const gauges = {
    vramBytes: state.engine.memory().vramBytes,
    uptimeSeconds: state.uptimeSeconds(),
    slots: state.scheduler.slots,
  };
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  response.end(state.metrics.render(gauges));
}

function cancelByPath(exchange: Exchange, id: string): void {
  requireJsonContentType(exchange.request);
  cancel(exchange, decodeName(id, "job id in the path"));
}

async function cancelByBody(exchange: Exchange): Promise<void> {
  const { job_id: jobId } = await readJsonObject(exchange.request);
  if (typeof jobId !== "string" || jobId === "") {
    throw new WorkerError("INVALID_REQUEST", "expected `job_id` to be a non-empty string");
  }
  cancel(exchange, jobId);
}

function cancel({ response, state }: Exchange, jobId: string): void {
  answerJson(response, 202, { job_id: jobId, state: state.scheduler.cancel(jobId) });
}

function shutdown({ request, response, state }: Exchange): void {
  requireJsonContentType(request);
  answerJson(response, 202, { state: "shutting_down" });
  state.requestShutdown();
}
