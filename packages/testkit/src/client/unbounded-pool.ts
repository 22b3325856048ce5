import type { Client, Dispatcher, Pool, buildConnector } from "undici";
import { createConnector } from "./connector.js";

/** What the pool needs to know about a request. */
export interface PooledRequest {
  /** Whether no one waits for it any more: it was aborted, or its body was abandoned. */
  isOver(): boolean;
}

/** The parts of the HTTP library that are used; it is loaded late. */
interface Undici {
  readonly Client: typeof Client;
  readonly Pool: typeof Pool;
  readonly buildConnector: typeof buildConnector;
}

/**
 * Connections to one origin without an upper bound. None is made for a request that is over, as undici 7 would do: it cuts the connection
 * of an aborted request, finds the request in its queue, connects again and only then drops it. Every abort would leave an idle connection
 * that the worker takes for a client, and to which a connection fault could happen.
 *
 * A request passes a {@link PooledRequest} as its `opaque`.
 *
 * @param options.connectMs limit for establishing a connection; 0 is none.
 */
export function createPool(undici: Undici, { origin, connectMs }: { origin: string; connectMs: number }): Pool {
  const connect = createConnector(undici, connectMs);
  return new undici.Pool(origin, {
    connections: null,
    pipelining: 1,
    factory: (url, options) => createClient(undici, url, { ...options, connect }),
  });
}

/** One connection: with `pipelining: 1` a client has one request at a time. */
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
