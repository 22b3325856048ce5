import type { Dispatcher } from "undici";

/** Filled in when the request is written: the moment that latencies are measured from. */
export interface WriteTime {
  /** On the clock of `performance.now()`; `undefined` as long as the request waits for its connection. */
  atMs?: number | undefined;
}

/** Options of a request that asks for its write time. */
export type TimedDispatch = Dispatcher.RequestOptions & { readonly writeTime?: WriteTime | undefined };

type Start = (...args: unknown[]) => unknown;

/**
 * An interceptor of undici that notes when a request gets its connection, which is right before its first byte goes to the socket. The
 * time before belongs to the client: with a thousand requests at once, connecting takes it longer than the worker needs to answer. The
 * one method is replaced on the handler, because undici's own decorator would convert every header and chunk on its way.
 */
export function noteWriteTime(dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch {
  return (options, handler) => {
    const { writeTime } = options as TimedDispatch;
    if (writeTime !== undefined) {
      const methods = handler as unknown as Record<string, Start | undefined>;
      const name = methods["onRequestStart"] === undefined ? "onConnect" : "onRequestStart";
      const start = methods[name];
      methods[name] = (...args) => {
        writeTime.atMs = performance.now();
        return start?.apply(handler, args);
      };
    }
    return dispatch(options, handler);
  };
}
