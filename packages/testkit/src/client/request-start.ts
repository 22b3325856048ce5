import type { Dispatcher } from "undici";

/** Notified when a request gets its connection, right before its first byte is written to the socket. */
export interface RequestStart {
  /** @param abort ends the request with this error. */
  onStart(abort: (reason: Error) => void): void;
}

/** Options of a request whose start is observed. */
export type TimedDispatch = Dispatcher.RequestOptions & { readonly requestStart?: RequestStart | undefined };

type Start = (...args: unknown[]) => unknown;
type Abort = (reason: Error) => void;

/**
 * An interceptor of undici that reports when a request gets its connection. The time before that belongs to the client: with a thousand
 * requests at once, connecting takes longer than the worker's answer. One method is replaced on the handler, because undici's own decorator
 * would convert every header and chunk.
 */
export function reportStart(dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch {
  return (options, handler) => {
    const { requestStart } = options as TimedDispatch;
    if (requestStart !== undefined) {
      const methods = handler as unknown as Record<string, Start | undefined>;
      const name = methods["onRequestStart"] === undefined ? "onConnect" : "onRequestStart";
      const start = methods[name];
      methods[name] = (...args) => {
        requestStart.onStart(toAbort(args[0]));
        return start?.apply(handler, args);
      };
    }
    return dispatch(options, handler);
  };
}

/** `onConnect` gets a function, `onRequestStart` a controller. */
function toAbort(given: unknown): Abort {
  if (typeof given === "function") return given as Abort;
  return (reason) => (given as { abort: Abort }).abort(reason);
}
