import type { Socket } from "node:net";
import type { Agent, buildConnector, Dispatcher } from "undici";
import { createConnector } from "./connector.js";
import { reportStart } from "./request-start.js";

/** How a client disappears: `reset` sends RST, as after a crash; `close` sends FIN and closes the socket. */
export type DisconnectKind = "reset" | "close";

/** A connection that carries one request and can be cut at the level of its socket. */
export class DedicatedConnection {
  readonly #agent: Agent;
  /** Dispatches the one request. */
  readonly dispatcher: Dispatcher;
  #socket: Socket | undefined;

  /** @param connectMs connect time-out; 0 disables it. */
  constructor(undici: { Agent: typeof Agent; buildConnector: typeof buildConnector }, connectMs: number) {
    const connect = createConnector(undici, connectMs);
    this.#agent = new undici.Agent({
      connections: 1,
      pipelining: 1,
      connect: (options, callback) =>
        connect(options, (...result) => {
          this.#socket = result[1] ?? undefined;
          callback(...result);
        }),
    });
    this.dispatcher = this.#agent.compose(reportStart);
  }

  /** Cuts the connection; resolves when the socket is closed. No effect if it is already closed. */
  async disconnect(how: DisconnectKind): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.closed) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    // After FIN, the socket is closed too: a client that has left reads nothing more.
    if (how === "reset") socket.resetAndDestroy();
    else socket.end(() => socket.destroy());
    await closed;
  }

  /** Closes the connection, even while it is being read. Idempotent. */
  async destroy(): Promise<void> {
    await this.#agent.destroy();
  }
}
