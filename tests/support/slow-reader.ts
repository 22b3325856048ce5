import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ExecuteRequest } from "inference-testkit";

const HEADERS_END = "\r\n\r\n";

/** A client without an HTTP library, which reads at a given slow pace. Leaving the scope destroys its connection. */
export class SlowReader implements Disposable {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends a request and reads nothing. HTTP 1.0, so that the body is not cut into chunks and ends with the connection. */
  static async execute(port: number, request: ExecuteRequest): Promise<SlowReader> {
    const socket = connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    socket.on("error", () => undefined); // seen as the end of the bytes
    const body = JSON.stringify(request);
    const head = `POST /execute HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
    socket.write(head + HEADERS_END + body);
    return new SlowReader(socket);
  }

  /** The bytes of the body, one at a time, with a pause before each. */
  async *body(pauseMs: number): AsyncGenerator<Uint8Array> {
    let head = "";
    while (!head.endsWith(HEADERS_END)) head += String.fromCharCode((await this.#readByte())?.[0] ?? 0);
    for (;;) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const byte = await this.#readByte();
      if (byte === undefined) return;
      yield byte;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #readByte(): Promise<Uint8Array | undefined> {
    for (;;) {
      const byte = this.#socket.read(1) as Uint8Array | null;
      if (byte !== null) return byte;
      if (this.#socket.readableEnded || this.#socket.destroyed) return undefined;
      await Promise.race([once(this.#socket, "readable"), once(this.#socket, "end"), once(this.#socket, "close")]);
    }
  }
}
