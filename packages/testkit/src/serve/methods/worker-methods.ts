import {
  CALL_OPTIONS,
  EXECUTE_OPTIONS,
  RAW_REQUEST,
  type ExecuteOptions,
  type RawRequest,
} from "../../client/index.js";
import type { StubConfigInput } from "worker-orcd-control";
import type { WorkerFaultSpec } from "../../faults/index.js";
import { DISCONNECT_OPTIONS, EXECUTE_ALL_OPTIONS, IDLE_OPTIONS, waitForIdle } from "../../jobs/index.js";
import type { DisconnectAfterOptions, ExecuteAllOptions } from "../../jobs/index.js";
import type { ExecuteResponse } from "../../client/index.js";
import { custom, isRecord, listOf, required, text } from "../../options/index.js";
import type { EngineState } from "../engine-state.js";
import { defineMethod, param, type Call } from "../method.js";
import { handle, jobItems, optionsOf, request } from "../values.js";

const worker = param("a worker", handle());
const callTime = param("time-out of the request, in ms", CALL_OPTIONS.timeoutMs);
const RESPONSE = "`{ response, status, headers, url, jobId, correlationId, leftOut, sentAtMs, headersAtMs }`";
const faultSpecs = listOf(custom<WorkerFaultSpec>("a fault", isRecord), { wanted: "an array of faults" });

/** Methods that send requests to a worker, and break it. */
export const WORKER_METHODS = {
  "worker.execute": defineMethod({
    summary: "Sends a job; resolves when the response headers arrive, with any status. Read it with `response.…`.",
    params: {
      worker,
      request: param("the job, or `{ testRequest: { jobId, prompt, maxTokens, overrides? } }`", request()),
      options: param("those of `execute()`", optionsOf<ExecuteOptions>(EXECUTE_OPTIONS)),
    },
    result: RESPONSE,
    run: async (call, params) => {
      const response = await harnessOf(call, params).execute(params.request, {
        ...params.options,
        signal: call.signal,
      });
      return addResponse(call, params.worker, response);
    },
    undo: abandon,
  }),
  "worker.request": defineMethod({
    summary: "Sends any other request and returns any answer.",
    params: {
      worker,
      path: param("path and query, such as `/health`", required(text({ filled: true }))),
      options: param("those of `request()`", optionsOf<RawRequest>(RAW_REQUEST)),
    },
    result: RESPONSE,
    run: async (call, params) => {
      const response = await harnessOf(call, params).request(params.path, { ...params.options, signal: call.signal });
      return addResponse(call, params.worker, response);
    },
    undo: abandon,
  }),
  "worker.executeAll": defineMethod({
    summary: "Runs many jobs and returns one outcome for each, in order.",
    params: {
      worker,
      requests: param(
        "requests, or plans `{ request, cancelAfter?, disconnectAfter?, timeouts?, headers? }`",
        jobItems(),
      ),
      options: param("those of `executeAll()`", optionsOf<ExecuteAllOptions>(EXECUTE_ALL_OPTIONS)),
    },
    result: "the outcomes",
    run: (call, params) =>
      harnessOf(call, params).executeAll(params.requests, { ...params.options, signal: call.signal }),
  }),
  "worker.disconnectAfter": defineMethod({
    summary: "Sends a job and cuts its connection after a number of tokens.",
    params: {
      worker,
      request: param("the job", request()),
      options: param("those of `disconnectAfter()`", required(optionsOf<DisconnectAfterOptions>(DISCONNECT_OPTIONS))),
    },
    result: "`{ tokens, events, disconnectedAtMs, closedAtMs }`",
    run: (call, params) =>
      harnessOf(call, params).disconnectAfter(params.request, { ...params.options, signal: call.signal }),
  }),
  "worker.waitForIdle": defineMethod({
    summary: "Waits until no slot is busy and no job is queued.",
    params: { worker, timeoutMs: param("longest wait, in ms", IDLE_OPTIONS.timeoutMs) },
    result: "`{ waitedMs }`",
    run: (call, params) => waitForIdle(harnessOf(call, params), { timeoutMs: params.timeoutMs, signal: call.signal }),
  }),
  "worker.health": defineMethod({
    summary: "`GET /health`, also of an unhealthy worker.",
    params: { worker, timeoutMs: callTime },
    result: "the health",
    run: (call, params) => harnessOf(call, params).health({ timeoutMs: params.timeoutMs, signal: call.signal }),
  }),
  "worker.slots": defineMethod({
    summary: "How busy the worker is.",
    params: { worker, timeoutMs: callTime },
    result: "`{ total, busy, queued }`",
    run: (call, params) => harnessOf(call, params).slots({ timeoutMs: params.timeoutMs, signal: call.signal }),
  }),
  "worker.metrics": defineMethod({
    summary: "`GET /metrics`.",
    params: { worker, timeoutMs: callTime },
    result: "`{ text, samples }`",
    run: async (call, params) => {
      const { text: raw, samples } = await harnessOf(call, params).metrics({
        timeoutMs: params.timeoutMs,
        signal: call.signal,
      });
      return { text: raw, samples };
    },
  }),
  "worker.cancel": defineMethod({
    summary: "Cancels a job by its id.",
    params: { worker, jobId: param("the job", required(text({ filled: true }))), timeoutMs: callTime },
    result: "the answer of the worker",
    run: (call, params) =>
      harnessOf(call, params).cancel(params.jobId, { timeoutMs: params.timeoutMs, signal: call.signal }),
  }),
  "worker.configureStub": defineMethod({
    summary: "Replaces the configuration of the stub engine for new jobs.",
    params: {
      worker,
      config: param("content, timing, memory", required(custom<StubConfigInput>("an object", isRecord))),
    },
    result: "`null`",
    run: (call, params) => harnessOf(call, params).stub.configure(params.config),
  }),
  "worker.journal": defineMethod({
    summary: "What a worker in stub mode sent and when.",
    params: { worker, jobId: param("one job; all by default", text({ filled: true })) },
    result: "the journal",
    run: (call, params) => harnessOf(call, params).journal(params.jobId),
  }),
  "worker.armFaults": defineMethod({
    summary: "Arms faults for new requests: all of them or none.",
    params: { worker, faults: param("entries of the [fault catalogue](faults.md)", required(faultSpecs)) },
    result: "one key per fault",
    run: (call, params) => harnessOf(call, params).faults.arm(params.faults),
  }),
  "worker.disarmFaults": defineMethod({
    summary: "Disarms faults; their records are kept.",
    params: { worker, keys: param("the faults; all by default", listOf(text({ filled: true }))) },
    result: "`null`",
    run: (call, { keys, ...params }) => {
      const { faults } = harnessOf(call, params);
      return keys === undefined ? faults.clear() : faults.disarm(keys);
    },
  }),
  "worker.faults": defineMethod({
    summary: "The record of every fault: how often it was chosen, fired, or was bypassed and why.",
    params: { worker },
    result: "the records",
    run: (call, params) => harnessOf(call, params).faults.accounts(),
  }),
} as const;

function harnessOf({ state }: Call, params: { readonly worker: string }) {
  return state.workers.get("params.worker", params.worker);
}

function addResponse({ state }: Call, workerHandle: string, response: ExecuteResponse) {
  const { status, headers, url, jobId, correlationId, leftOut, sentAtMs, headersAtMs } = response;
  const added = state.responses.add({ response, worker: workerHandle, isRead: false });
  return { response: added, status, headers, url, jobId, correlationId, leftOut, sentAtMs, headersAtMs };
}

async function abandon(state: EngineState, result: { readonly response: string }): Promise<void> {
  state.responses.get("response", result.response).response.abort("the call was aborted");
  state.responses.retire(result.response);
  await Promise.resolve();
}
