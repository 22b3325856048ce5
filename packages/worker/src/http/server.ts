import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WorkerError } from "inference-worker-protocol";
import type { AccessRules } from "./access-rules.js";
import { answerErrorOn } from "./dialect-errors.js";
import { Listener, type ListenerTimeouts, type ParserOptions } from "./listener.js";
import { pathOf } from "./path.js";
import { route } from "./routes.js";
import type { WorkerState } from "./worker-state.js";

/** Options of the HTTP server of a worker. */
export interface HttpServerOptions {
  /** @default for a listener on loopback */
  readonly access?: AccessRules | undefined;
  readonly timeouts?: ListenerTimeouts | undefined;
  readonly parser?: ParserOptions | undefined;
}

/** The HTTP server of a worker; it is not listening yet. */
export class HttpServer {
  readonly #listener: Listener;

  constructor(state: WorkerState, options: HttpServerOptions = {}) {
    this.#listener = new Listener({
      ...options,
      handle: (call) => state.behavior.intercept(call, (each) => route({ ...each, state })),
      answerError: ({ request, response }, error) => answerErrorOn(pathOf(request), response, error),
      onFailure: ({ message }, correlation_id) => state.logger.warn("request_failed", { correlation_id, message }),
    });
  }

  /**
   * Starts listening and resolves with the bound port.
   *
   * @throws {WorkerError} PORT_IN_USE, or ADDRESS_UNAVAILABLE when the address cannot be bound for another reason.
   */
  async listen(host: string, port: number): Promise<number> {
    const { server } = this.#listener;
    return new Promise((resolve, reject) => {
      // Never removed: after the start it handles failures of `accept`, which must not end the worker.
      server.on("error", (cause: NodeJS.ErrnoException) => {
        const inUse = cause.code === "EADDRINUSE";
        const message = inUse
          ? `port ${port} on ${host} is in use`
          : `cannot listen on ${host}:${port}: ${cause.message}`;
        reject(new WorkerError(inUse ? "PORT_IN_USE" : "ADDRESS_UNAVAILABLE", message, { cause }));
      });
      server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
    });
  }

  /** Descriptor of the listening socket, where the system has descriptors. */
  get descriptor(): number | undefined {
    const { _handle: handle } = this.#listener.server as Server & {
      readonly _handle?: { readonly fd?: number } | null;
    };
    return handle?.fd;
  }

  /**
   * Accepts no more connections, and resolves when pending responses have been sent and every connection is
   * closed.
   */
  async close(): Promise<void> {
    const { server, connections } = this.#listener;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.close();
    await closed;
  }
}
