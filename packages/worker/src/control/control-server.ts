import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { StubControl } from "../faults/index.js";
import { answerError, correlate, skipRestOfBody } from "../http/index.js";
import { controlRoute } from "./control-routes.js";

/** Loopback only, whatever the worker itself listens on: who can reach it can make the worker end. */
const HOST = "127.0.0.1";

/**
 * The control listener of stub mode. It shares nothing with the listener of the worker, so no fault can reach it, and it never
 * keeps the process alive.
 */
export class ControlServer {
  readonly #server: Server;

  constructor(control: StubControl) {
    this.#server = createServer({ noDelay: true }, (request, response) => void answer(request, response, control));
    this.#server.on("connection", (connection) => connection.unref());
    this.#server.unref();
  }

  /** Starts listening on a free port and resolves with the address. */
  async listen(): Promise<string> {
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.on("error", reject);
      this.#server.listen({ host: HOST, port: 0 }, () => resolve((this.#server.address() as AddressInfo).port));
    });
    return `http://${HOST}:${port}`;
  }

  /** Closes the listener and every connection at once. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, control: StubControl): Promise<void> {
  correlate(request, response);
  try {
    await controlRoute({ request, response, control });
  } catch (error) {
    if (response.headersSent || response.destroyed) return;
    void skipRestOfBody(request);
    answerError(response, error);
  }
}
