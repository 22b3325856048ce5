import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { waitFor } from "./wait-for.js";

/** A TCP connection without any HTTP client in between. */
export class RawConnection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  text = "";
  /** The code of the connection's failure, e.g. `ECONNRESET`. */
  failure: string | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    this.socket.setEncoding("utf8").on("data", (text: string) => (this.text += text));
    this.socket.on("error", (error: NodeJS.ErrnoException) => (this.failure = error.code));
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    this.socket.once("end", () => this.socket.end());
  }

  send(text: string | Uint8Array): this {
    this.socket.write(text);
    return this;
  }

  async waitForText(pattern: RegExp): Promise<void> {
    await waitFor(`${pattern} in the answer`, () => pattern.test(this.text));
  }

  /** Status codes of all answers so far. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }
}

/** Connects; the connection is destroyed when the test ends. */
export async function connectRaw(port: number): Promise<RawConnection> {
  const connection = new RawConnection(port);
  onTestFinished(() => {
    connection.socket.destroy();
  });
  await once(connection.socket, "connect");
  return connection;
}

/** The bytes of a request with a JSON body. */
export function rawPost(path: string, body: unknown, headers: readonly string[] = []): string {
  const text = JSON.stringify(body);
  const head = [`POST ${path} HTTP/1.1`, "Host: localhost", "Content-Type: application/json", ...headers];
  return [...head, `Content-Length: ${Buffer.byteLength(text)}`, "", text].join("\r\n");
}

interface RawRequestOptions {
  /** Instead of `Host: localhost`. */
  readonly headers?: readonly string[];
  readonly body?: unknown;
}

/** The bytes of any request, such as `rawRequest("GET /health", { headers: ["Host: evil.example"] })`. */
export function rawRequest(line: string, { headers = ["Host: localhost"], body }: RawRequestOptions = {}): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const ofBody =
    body === undefined ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(text)}`];
  return [`${line} HTTP/1.1`, ...headers, ...ofBody, "", text].join("\r\n");
}
