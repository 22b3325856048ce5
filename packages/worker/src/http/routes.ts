import type { IncomingMessage } from "node:http";
import { randomBytes } from "node:crypto";
import { parseExecuteRequest, WorkerError, type Health } from "inference-worker-protocol";
import type { EngineRequest } from "../engine/engine.js";
import { answerJson } from "./answers.js";
import type { Call } from "./listener.js";
import { readJsonObject, requireJsonContentType } from "./read-body.js";
import { SseSink } from "./sse-sink.js";
import type { WorkerState } from "./worker-state.js";

/** A request being handled. */
export interface Exchange extends Call {
  readonly state: WorkerState;
}

type Handler = (exchange: Exchange, parameter: string) => Promise<void> | void;

interface Route {
  readonly path: RegExp;
  readonly method: "GET" | "POST";
  readonly handle: Handler;
}

const ROUTES: readonly Route[] = [
  { path: /^\/execute$/, method: "POST", handle: execute },
  { path: /^\/health$/, method: "GET", handle: health },
  { path: /^\/metrics$/, method: "GET", handle: metrics },
  { path: /^\/cancel\/([^/]+)$/, method: "POST", handle: cancelByPath },
  { path: /^\/cancel$/, method: "POST", handle: cancelByBody },
  { path: /^\/shutdown$/, method: "POST", handle: shutdown },
];

/**
 * Answers one request.
 *
 * @throws {WorkerError} NOT_FOUND, METHOD_NOT_ALLOWED, and whatever the route throws.
 */
export async function route(exchange: Exchange): Promise<void> {
  const path = pathOf(exchange.request);
  const found = ROUTES.find((candidate) => candidate.path.test(path));
  if (found === undefined) throw new WorkerError("NOT_FOUND", `no such path: ${path.slice(0, 200)}`);
  if (exchange.request.method !== found.method) {
    const message = `${exchange.request.method ?? "?"} is not allowed on ${path.slice(0, 200)}`;
    throw new WorkerError("METHOD_NOT_ALLOWED", message, { details: { allow: found.method } });
  }
  await found.handle(exchange, found.path.exec(path)?.[1] ?? "");
}

/** The path without the query; proxy clients send the whole URL (RFC 9112, absolute form). */
function pathOf(request: IncomingMessage): string {
  const target = (request.url ?? "").replace(/^https?:\/\/[^/?]*/i, "");
  return target.split("?", 1)[0] ?? "/";
}

async function execute({ request, response, correlationId, state }: Exchange): Promise<void> {
  const engineRequest = await acceptRequest(request, state);
  const record = state.behavior.openRecord(engineRequest.job_id, correlationId);
  const job = state.behavior.createJob(engineRequest, new SseSink(response, record), correlationId);
  const disconnect = () => {
    if (!response.writableFinished) job.disconnect();
  };
  if (response.destroyed) disconnect();
  else response.once("close", disconnect);
  state.scheduler.submit(job);
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
  cancel(exchange, decodeId(id));
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

function decodeId(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new WorkerError("INVALID_REQUEST", "the job id in the path is not percent-encoded UTF-8", { cause });
  }
}

function shutdown({ request, response, state }: Exchange): void {
  requireJsonContentType(request);
  answerJson(response, 202, { state: "shutting_down" });
  state.requestShutdown();
}
