import { once } from "node:events";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { MOST_HEADER_BYTES } from "./upstream.js";

const HOST = "127.0.0.1";
const LISTEN_RETRY_MS = 20;

/** Handlers for connections and requests. */
export interface FrontHandlers {
  /**
   * A connection was accepted and nothing has been read yet. Returns true if it was handled and no request must be read.
   */
  readonly onConnection: (socket: Socket) => boolean;
  readonly onRequest: (response: ServerResponse) => void;
}

/** The listener that clients connect to. It can stop listening for a while and then listen on the same port again. */
export class Front {
  readonly #handlers: FrontHandlers;
  readonly #http = createHttpServer({ requestTimeout: 0, maxHeaderSize: MOST_HEADER_BYTES, keepAlive: true });
  readonly #sockets = new Set<Socket>();
  #listener: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #port = 0;
  #closed = false;

  constructor(handlers: FrontHandlers) {
    this.#handlers = handlers;
    this.#http.headersTimeout = 0;
    this.#http.on("request", (_, response: ServerResponse) => handlers.onRequest(response));
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    this.listen();
    const listener = this.#listener as Server;
    if (!listener.listening) await once(listener, "listening");
    this.#port = (listener.address() as AddressInfo).port;
  }

  /** Starts listening if needed, on the port it had before. */
  listen(): void {
    clearTimeout(this.#retry);
    if (this.#closed || this.#listener !== undefined) return;
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#listener = listener;
    listener.on("error", () => {
      // Something else took the port in the meantime, often for a short connection.
      this.#listener = undefined;
      this.#retry = setTimeout(() => this.listen(), LISTEN_RETRY_MS);
    });
    listener.listen(this.#port, HOST);
  }

  /** Stops listening immediately, and resets connections without a running request. */
  refuse(isBusy: (socket: Socket) => boolean): void {
    clearTimeout(this.#retry);
    this.#listener?.close();
    this.#listener = undefined;
    for (const socket of this.#sockets) if (!isBusy(socket)) socket.resetAndDestroy();
  }

  /** Whether the port is closed. */
  get isRefusing(): boolean {
    return this.#listener === undefined;
  }

  /** Closes every connection; resolves when all are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const sockets = [...this.#sockets];
    const gone = sockets.map((socket) => (socket.closed ? undefined : once(socket, "close")));
    const listener = this.#listener;
    const closed = listener?.listening === true ? once(listener, "close") : undefined;
    listener?.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all([closed, ...gone]);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined); // reported by `close`
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#handlers.onConnection(socket)) return;
    this.#http.emit("connection", socket);
  }
}
