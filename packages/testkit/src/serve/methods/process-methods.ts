import { EXIT_WAIT_OPTIONS, PAUSE_OPTIONS, RESTART_OPTIONS } from "../../harness/index.js";
import { LOG_WAIT_OPTIONS } from "../../launch/index.js";
import { CALL_OPTIONS } from "../../client/index.js";
import { integer, required, signalName, text, withDefault } from "../../options/index.js";
import { defineMethod, param, type Call } from "../method.js";
import { handle } from "../values.js";

const worker = param("a worker that was started here", handle());

/** Methods on the process of a worker and its log. */
export const PROCESS_METHODS = {
  "worker.kill": defineMethod({
    summary: "Sends a signal to the worker process; its end is then expected.",
    params: { worker, signal: param("such as `SIGKILL`", required(signalName())) },
    result: "`null`",
    run: (call, params) => harnessOf(call, params).kill(params.signal),
  }),
  "worker.pause": defineMethod({
    summary: "Suspends the worker process, like a machine that hangs.",
    params: { worker, forMs: param("resume after this time, in ms", PAUSE_OPTIONS.forMs) },
    result: "`null`",
    run: (call, params) => harnessOf(call, params).pause({ forMs: params.forMs }),
  }),
  "worker.resume": defineMethod({
    summary: "Resumes a paused worker.",
    params: { worker },
    result: "`null`",
    run: (call, params) => harnessOf(call, params).resume(),
  }),
  "worker.restart": defineMethod({
    summary: "Ends what is left of the process and starts the same program on the same port.",
    params: { worker, readyTimeoutMs: param("time-out of the start, in ms", RESTART_OPTIONS.readyTimeoutMs) },
    result: "`{ readyAfterMs }`",
    run: async (call, params) => {
      const { readyTimeoutMs } = params;
      return { readyAfterMs: await harnessOf(call, params).restart({ readyTimeoutMs, signal: call.signal }) };
    },
  }),
  "worker.waitForExit": defineMethod({
    summary: "Waits until the worker process ends by itself; that end is then expected.",
    params: { worker, timeoutMs: param("longest wait, in ms", EXIT_WAIT_OPTIONS.timeoutMs) },
    result: "how it ended",
    run: (call, params) => harnessOf(call, params).waitForExit({ timeoutMs: params.timeoutMs }),
  }),
  "worker.shutdown": defineMethod({
    summary: "`POST /shutdown`: asks the worker to shut itself down.",
    params: { worker, timeoutMs: param("time-out of the request, in ms", CALL_OPTIONS.timeoutMs) },
    result: "`null`",
    run: (call, params) => harnessOf(call, params).shutdown({ timeoutMs: params.timeoutMs, signal: call.signal }),
  }),
  "worker.logs": defineMethod({
    summary: "What the worker wrote, also after it was stopped; `previous` has the processes before each restart.",
    params: { worker, tail: param("number of lines", withDefault(integer([0, 1_000_000]), 100)) },
    result: "`{ lines, droppedCount, previous }`",
    run: (call, params) => {
      const { logs, previousLogs } = harnessOf(call, params);
      const previous = previousLogs.map((one) => one.tail(params.tail));
      return { lines: logs.tail(params.tail), droppedCount: logs.droppedCount, previous };
    },
  }),
  "worker.waitForLog": defineMethod({
    summary: "Waits for a line of the log that contains a text; a line that is already there counts.",
    params: {
      worker,
      text: param("the text", required(text({ filled: true }))),
      timeoutMs: param("longest wait, in ms", LOG_WAIT_OPTIONS.timeoutMs),
    },
    result: "`{ stream, text, atMs }`",
    run: (call, params) =>
      harnessOf(call, params).logs.waitFor(params.text, { timeoutMs: params.timeoutMs, signal: call.signal }),
  }),
} as const;

function harnessOf({ state }: Call, params: { readonly worker: string }) {
  return state.workers.get("params.worker", params.worker);
}
