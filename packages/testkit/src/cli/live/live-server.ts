import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { LiveProgress } from "./live-messages.js";
import type { Snapshot } from "./snapshot.js";

const HOST = "127.0.0.1";
/** A snapshot takes at most this part of the time of a core: the client of the run has the same machine. */
const SNAPSHOT_SHARE = 0.05;
const SNAPSHOT_EVERY_MS = 1_000;
const MOST_LISTENERS = 16;
/** How long open pages may take to fetch the final report. */
const FAREWELL_MS = 2_000;

/** The page of a run that is under way, on loopback. Who does not know the token gets nothing. */
export class LiveServer {
  readonly #snapshot: Snapshot;
  readonly #token: Buffer;
  readonly #onStop: () => void;
  readonly #server: Server;
  readonly #listeners = new Set<ServerResponse>();
  #progress: LiveProgress | undefined;
  #isEnded = false;
  #data: { readonly text: Promise<string>; readonly validUntilMs: number } | undefined;

  constructor({ snapshot, token, onStop }: { snapshot: Snapshot; token: string; onStop: () => void }) {
    this.#snapshot = snapshot;
    this.#token = Buffer.from(token);
    this.#onStop = onStop;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, PLAIN);
        response.end(error instanceof Error ? error.message : String(error));
      });
    });
  }

  /** @returns the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, HOST, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Tells every open page how far the run is; it asks for the data itself. */
  announce(progress: LiveProgress | undefined): void {
    if (progress === undefined) return;
    this.#progress = { ...progress, share: Math.round(progress.share * 1e4) / 1e4 };
    this.#send("progress", this.#progress);
  }

  /** Hands the final report to the pages that are open, and ends. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#data = undefined;
    const pages = this.#listeners.size;
    this.#send("end", {});
    const until = performance.now() + FAREWELL_MS;
    while (pages > 0 && this.#listeners.size > 0 && performance.now() < until) await sleep(20);
    for (const response of this.#listeners) response.end();
    const isClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = setTimeout(() => this.#server.closeAllConnections(), FAREWELL_MS);
    this.#server.closeIdleConnections();
    await isClosed;
    clearTimeout(timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", `http://${HOST}`);
    if (!this.#mayRead(request, url)) {
      response.writeHead(403, PLAIN).end("Open the address that the command printed; it has the token.\n");
      return;
    }
    switch (`${request.method} ${url.pathname}`) {
      case "GET /":
        response
          .writeHead(200, { ...SAFE, "content-type": "text/html; charset=utf-8" })
          .end(await this.#snapshot.html());
        return;
      case "GET /data":
        response.writeHead(200, { ...SAFE, "content-type": "application/json" }).end(await this.#readData());
        return;
      case "GET /events":
        this.#listen(response);
        return;
      case "POST /stop":
        this.#onStop();
        response.writeHead(202, PLAIN).end("The run ends.\n");
        return;
      default:
        response.writeHead(404, PLAIN).end("There is no such page.\n");
    }
  }

  /** The name is checked as well: a page of another site can let a name of its own point to loopback. */
  #mayRead({ headers }: IncomingMessage, url: URL): boolean {
    const given = Buffer.from(url.searchParams.get("token") ?? "");
    const isToken = given.length === this.#token.length && timingSafeEqual(given, this.#token);
    const { port } = this.#server.address() as AddressInfo;
    return isToken && (headers.host === `${HOST}:${port}` || headers.host === `localhost:${port}`);
  }

  #readData(): Promise<string> {
    if (this.#data !== undefined && performance.now() < this.#data.validUntilMs) return this.#data.text;
    const startedAtMs = performance.now();
    const text = this.#snapshot.data().then((data) => {
      const costMs = performance.now() - startedAtMs;
      const waitMs = this.#isEnded ? Infinity : Math.max(SNAPSHOT_EVERY_MS, costMs / SNAPSHOT_SHARE);
      this.#data = { text, validUntilMs: startedAtMs + waitMs };
      return JSON.stringify(data);
    });
    this.#data = { text, validUntilMs: Infinity };
    return text;
  }

  #listen(response: ServerResponse): void {
    if (this.#listeners.size >= MOST_LISTENERS) {
      response.writeHead(503, PLAIN).end(`${MOST_LISTENERS} pages are open already.\n`);
      return;
    }
    response.writeHead(200, { ...SAFE, "content-type": "text/event-stream" });
    response.flushHeaders();
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
    if (this.#progress !== undefined) send(response, "progress", this.#progress);
    if (this.#isEnded) send(response, "end", {});
  }

  #send(event: string, data: object): void {
    for (const response of this.#listeners) send(response, event, data);
  }
}

const SAFE = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
} as const;
const PLAIN = { ...SAFE, "content-type": "text/plain; charset=utf-8" } as const;
/** A page that does not read loses events: they only say how far the run is. */
const MOST_BUFFERED_BYTES = 64 * 1024;

function send(response: ServerResponse, event: string, data: object): void {
  if (response.writableLength > MOST_BUFFERED_BYTES && event !== "end") return;
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
