import type { ExecuteResponse } from "../../client/index.js";
import {
  collectSseEvents,
  collectStream,
  STREAM_OPTIONS,
  streamEvents,
  type StreamOptions,
} from "../../events/index.js";
import { CANCEL_OPTIONS, cancelAfter, jobTrigger, type CancelAfterOptions } from "../../jobs/index.js";
import { checkOption, integer, oneOf, required, timeoutMs, withDefault } from "../../options/index.js";
import { defineMethod, param, type Call } from "../method.js";
import { handle, optionsOf } from "../values.js";

const response = param("a response of `worker.execute` or `worker.request`", handle());
const options = param("those of `collectSseEvents()`", optionsOf<StreamOptions>(STREAM_OPTIONS));

/** Methods that read a response, once, or end it. */
export const RESPONSE_METHODS = {
  "response.collect": defineMethod({
    summary:
      "Reads the stream to its end and returns its events; fails as `collectSseEvents()` does, with what arrived in `partial`.",
    params: { response, options },
    result: "the events",
    run: (call, params) =>
      readOnce(call, params.response, (one) => collectSseEvents(one, withSignal(call, params.options))),
  }),
  "response.collectStream": defineMethod({
    summary:
      "Reads the stream to its end and returns everything about it; a broken stream is an `outcome`, not an error.",
    params: { response, options },
    result: "`{ events, arrivals, outcome, terminal, bytes, … }`",
    run: (call, params) =>
      readOnce(call, params.response, (one) => collectStream(one, withSignal(call, params.options))),
  }),
  "response.stream": defineMethod({
    summary: "Sends each event as a notification `stream.event` when it arrives, and returns at the end of the stream.",
    params: {
      response,
      window: param(
        "how many notifications may be unacknowledged, 1 to 10,000",
        withDefault(integer([1, 10_000]), 256),
      ),
      options,
    },
    result: "`{ eventCount }`",
    run: (call, params) => readOnce(call, params.response, (one) => sendEvents(call, one, params)),
  }),
  "response.text": defineMethod({
    summary: "Reads the whole body as text, for refusals and other answers.",
    params: { response, maxBytes: param("maximum size", withDefault(integer([0, 64 * 1024 ** 2]), 1024 ** 2)) },
    result: "`{ text }`",
    run: (call, params) =>
      readOnce(call, params.response, async (one) => ({ text: await one.text({ maxBytes: params.maxBytes }) })),
  }),
  "response.cancelAfter": defineMethod({
    summary: "Reads the stream, cancels its job when the trigger is reached, and reads the rest.",
    params: {
      response,
      trigger: param("`{ tokens: n }` or `{ ms: t }`", required(jobTrigger())),
      options: param("those of `cancelAfter()`", optionsOf<CancelAfterOptions>(CANCEL_OPTIONS)),
    },
    result: "the result, for `assertCancelled`",
    run: (call, params) =>
      readOnce(call, params.response, (one) =>
        cancelAfter(one, params.trigger, { ...params.options, signal: call.signal }),
      ),
  }),
  "response.cancel": defineMethod({
    summary: "Cancels the job of this response, also while another call reads it.",
    params: { response, timeoutMs: param("time-out of the request, in ms", timeoutMs()) },
    result: "the answer of the worker",
    run: (call, params) => find(call, params).cancel({ timeoutMs: params.timeoutMs, signal: call.signal }),
  }),
  "response.abort": defineMethod({
    summary: "Closes the connection; the worker sees its client disappear.",
    params: { response },
    result: "`null`",
    run: (call, params) => {
      find(call, params).abort("the client aborted it");
      call.state.responses.retire(params.response);
    },
  }),
  "response.disconnect": defineMethod({
    summary: "Cuts the connection at socket level; needs `dedicatedConnection: true`.",
    params: { response, how: param("RST or FIN", required(oneOf(["reset", "close"]))) },
    result: "`null`",
    run: async (call, params) => {
      await find(call, params).disconnect(params.how);
      call.state.responses.retire(params.response);
    },
  }),
} as const;

function find({ state }: Call, params: { readonly response: string }): ExecuteResponse {
  return state.responses.get("params.response", params.response).response;
}

async function readOnce<R>(call: Call, handleOf: string, read: (response: ExecuteResponse) => Promise<R>): Promise<R> {
  const open = call.state.responses.get("params.response", handleOf);
  checkOption(!open.isRead, "params.response", { wanted: "a response that was not read before", value: handleOf });
  open.isRead = true;
  try {
    return await read(open.response);
  } finally {
    call.state.responses.retire(handleOf);
  }
}

function withSignal({ signal }: Call, given: StreamOptions): StreamOptions {
  return { ...given, signal };
}

async function sendEvents(
  call: Call,
  one: ExecuteResponse,
  params: { readonly window: number; readonly options: StreamOptions },
): Promise<{ readonly eventCount: number }> {
  let eventCount = 0;
  for await (const event of streamEvents(one, withSignal(call, params.options))) {
    await call.waitForRoom(eventCount, params.window);
    eventCount += 1;
    call.notify("stream.event", { call: call.id, seq: eventCount, event });
  }
  return { eventCount };
}
