import type { Client, Dispatcher, Pool, buildConnector } from "undici";
import { createConnector } from "./connector.js";

/** What the pool needs to know about a request. */
export interface PooledRequest {
  /** Whether no one waits for it any longer: it was aborted, or its body was abandoned. */
  isOver(): boolean;
}

/** The parts of the HTTP library that are used; it is loaded lazily. */
interface Undici {
  readonly Client: typeof Client;
  readonly Pool: typeof Pool;
  readonly buildConnector: typeof buildConnector;
}

/**
 * An unlimited number of connections to one origin. Unlike in undici 7, none is opened for a request that is over: undici cuts the
 * connection of an aborted request, finds the request in its queue, connects again and only then drops it. Every abort would leave an idle
 * connection that the worker takes for a client and that a connection fault could hit.
 *
 * Each request passes a {@link PooledRequest} as its `opaque`.
 *
 * @param options.connectMs connect time-out; 0 disables it.
 */
export function createPool(undici: Undici, { origin, connectMs }: { origin: string; connectMs: number }): Pool {
  const connect = createConnector(undici, connectMs);
  return new undici.Pool(origin, {
    connections: null,
    pipelining: 1,
    factory: (url, options) => createClient(undici, url, { ...options, connect }),
  });
}

/** One connection: with `pipelining: 1`, a client runs one request at a time. */
function createClient(
  undici: Undici,
  origin: URL,
  { connect, ...options }: { readonly connect: buildConnector.connector },
): Dispatcher {
  let current: PooledRequest | undefined;
  const client = new undici.Client(origin, {
    ...options,
    connect: (target, callback) => {
      if (current?.isOver() === true) callback(new Error("no one waits for the request any more"), null);
      else connect(target, callback);
    },
  });
  const dispatch = client.dispatch.bind(client);
  client.dispatch = (request, handler) => {
    current = (request as { opaque?: PooledRequest }).opaque;
    return dispatch(request, handler);
  };
  return client;
}
