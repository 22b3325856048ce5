import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AnswerHead } from "./answer.js";
import type { ExchangeLog } from "./exchange-log.js";
import type { Ending, Piece } from "./pieces.js";
import type { UpstreamBreak } from "./upstream.js";

/** RFC 9112, 7.1. */
const LAST_CHUNK = "0\r\n\r\n";
/** Invalid as a chunk size. */
const BAD_CHUNK = "not a size\r\n";

/** The answer as sent to the client: headers, pieces of the body, and one of several ends. */
export class ClientAnswer {
  readonly #response: ServerResponse;
  readonly #socket: Socket;
  readonly #log: ExchangeLog;

  constructor(response: ServerResponse, log: ExchangeLog) {
    this.#response = response;
    this.#socket = response.req.socket;
    this.#log = log;
    // Writing to a client that has just left is not a failure; `close` reports that it left.
    response.on("error", () => undefined);
  }

  /** Sends the headers immediately. */
  begin({ status, statusText, headers, keepsConnection }: AnswerHead): void {
    this.#log.noteHeaders(status);
    this.#response.sendDate = false; // the worker's, or none
    if (!keepsConnection) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(status, statusText ?? STATUS_CODES[status] ?? "", [...headers]);
    this.#response.flushHeaders();
  }

  /** Writes bytes to the socket; false when its buffer is full. */
  push(bytes: Uint8Array, events: readonly string[]): boolean {
    this.#log.noteWrite(bytes.length, events);
    return this.#response.write(bytes);
  }

  /** Sends a piece. Waits until the system has taken it if it belongs to a fault or the buffer is full. */
  async send({ bytes, events, fires, endsBody, ending }: Piece, signal: AbortSignal): Promise<void> {
    if (bytes.length > 0) {
      this.#log.noteWrite(bytes.length, events ?? []);
      if (fires !== undefined) await settled(signal, (done) => this.#response.write(bytes, done));
      else if (!this.#response.write(bytes)) await settled(signal, (done) => this.#response.once("drain", done));
    }
    if (endsBody === true) await this.#endBody(signal);
    if (ending !== undefined && ending !== "clean") await this.#flush(signal);
    signal.throwIfAborted();
    fires?.fire();
    if (ending !== undefined) this.end(ending);
  }

  /**
   * Waits until the system has everything that was written. Two more turns of the event loop let a client in the same process read it: if
   * bytes and a reset arrive together, libuv reports an end instead of the reset.
   */
  async #flush(signal: AbortSignal): Promise<void> {
    await settled(signal, (done) => this.#socket.write("", done));
    await nextTurn();
    await nextTurn();
  }

  /** Writes the end of the body past the response, which would close the connection with it. */
  async #endBody(signal: AbortSignal): Promise<void> {
    const last = this.#response.chunkedEncoding ? LAST_CHUNK : "";
    await settled(signal, (done) => this.#socket.write(last, done));
    this.#log.noteEnd("complete");
  }

  /** Ends the response in this way; `hang` leaves it open. */
  end(ending: Ending): void {
    if (ending === "clean") {
      this.#response.end();
    } else if (ending === "rst") {
      this.#log.noteEnd("reset");
      this.#socket.resetAndDestroy();
    } else if (ending !== "hang") {
      this.#log.noteEnd(ending === "fin" ? "closed" : "broken-chunk");
      if (ending === "bad-chunk") this.#socket.write(BAD_CHUNK);
      this.#socket.destroySoon();
    }
  }

  /**
   * The worker's connection broke before its answer was complete: the client gets what arrived, then its connection breaks in the same
   * way.
   */
  async breakOff({ how, rawBytes }: UpstreamBreak, signal: AbortSignal): Promise<void> {
    if (this.#response.headersSent) {
      if (how === "rst") await this.#flush(signal);
      this.end(how);
      return;
    }
    this.#log.noteEnd(how === "rst" ? "reset" : "closed");
    if (rawBytes !== undefined) this.#socket.write(rawBytes);
    if (how === "rst") this.#socket.resetAndDestroy();
    else this.#socket.destroySoon();
  }
}

/** Waits for a callback, or rejects when the signal fires: a closed socket may never call back. */
function settled(signal: AbortSignal, start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    start((error) => {
      signal.removeEventListener("abort", abort);
      if (error) reject(error);
      else resolve();
    });
  });
}
