import type { AddressInfo } from "node:net";
import type { StubControl } from "../faults/index.js";
import { Listener, type AccessRules, type ListenerTimeouts } from "../http/index.js";
import { controlRoute } from "./control-routes.js";
import { ControlToken } from "./control-token.js";

/** Loopback only, regardless of the worker's own address: anyone who can reach it can end the worker. */
const HOST = "127.0.0.1";

/** Options of the control listener. */
export interface ControlServerOptions {
  readonly access?: AccessRules | undefined;
  readonly timeouts?: ListenerTimeouts | undefined;
}

/**
 * The control listener of stub mode. It shares nothing with the listener of the worker, so no fault can reach it, and it never
 * keeps the process alive.
 */
export class ControlServer {
  readonly #listener: Listener;
  readonly #token = new ControlToken();

  constructor(control: StubControl, options: ControlServerOptions = {}) {
    const token = this.#token;
    this.#listener = new Listener({ ...options, handle: (call) => controlRoute({ ...call, control, token }) });
    this.#listener.server.on("connection", (connection) => connection.unref());
    this.#listener.server.unref();
  }

  /** Starts listening on a free port and resolves with the address: a secret, because of the token in it. */
  async listen(): Promise<string> {
    const { server } = this.#listener;
    const port = await new Promise<number>((resolve, reject) => {
      server.on("error", reject);
      server.listen({ host: HOST, port: 0 }, () => resolve((server.address() as AddressInfo).port));
    });
    return `http://${HOST}:${port}/${this.#token.value}`;
  }

  /** Closes the listener and every connection immediately. */
  close(): void {
    this.#listener.server.close();
    this.#listener.server.closeAllConnections();
  }
}
