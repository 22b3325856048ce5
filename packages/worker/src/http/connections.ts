import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One open connection. */
interface Connection {
  /** The pending responses; a client that pipelines has several. */
  readonly answers: Set<ServerResponse>;
  newest: ServerResponse | undefined;
  /** To be closed when all requests are answered. */
  isEnding: boolean;
}

/** Every open connection and its pending responses. */
export class Connections {
  readonly #connections = new Map<Duplex, Connection>();
  #closing = false;

  /** Tracks a connection until it is closed. */
  add(connection: Duplex): void {
    const answers = new Set<ServerResponse>();
    this.#connections.set(connection, { answers, newest: undefined, isEnding: false });
    connection.once("close", () => {
      this.#connections.delete(connection);
      // Node closes only the response that is being written; those queued behind it would never be notified.
      for (const response of answers) if (response.socket === null) closeUnsent(response);
    });
  }

  /** Tracks a response until it is closed. */
  addAnswer(connection: Duplex, response: ServerResponse): void {
    const entry = this.#connections.get(connection);
    if (entry === undefined) return;
    entry.answers.add(response);
    entry.newest = response;
    response.once("close", () => {
      entry.answers.delete(response);
      if (this.#closing) this.#closeIfIdle(connection);
      else if (entry.isEnding && !this.owesAnswer(connection)) connection.destroy();
    });
  }

  hasAnswer(connection: Duplex): boolean {
    return this.#answersOf(connection).length > 0;
  }

  /** Whether a completely received request is not fully answered yet. */
  owesAnswer(connection: Duplex): boolean {
    return this.#answersOf(connection).some((response) => response.req.complete);
  }

  /** The request whose head arrived last, answered or not. */
  newestRequest(connection: Duplex): IncomingMessage | undefined {
    return this.#connections.get(connection)?.newest?.req;
  }

  /** Whether the newest request is answered and only the rest of its body is missing. */
  isRefusedBody(connection: Duplex): boolean {
    const newest = this.#connections.get(connection)?.newest;
    return newest?.writableEnded === true && !newest.req.complete;
  }

  /** Closes a connection once every received request is answered. */
  closeWhenAnswered(connection: Duplex): void {
    const entry = this.#connections.get(connection);
    if (entry !== undefined) entry.isEnding = true;
  }

  /**
   * Closes each connection as soon as no response is being written on it; one that is still sending its request is cut
   * off.
   */
  close(): void {
    this.#closing = true;
    for (const connection of this.#connections.keys()) this.#closeIfIdle(connection);
  }

  #answersOf(connection: Duplex): ServerResponse[] {
    return [...(this.#connections.get(connection)?.answers ?? [])];
  }

  #closeIfIdle(connection: Duplex): void {
    if (!this.#answersOf(connection).some((response) => response.headersSent)) connection.destroy();
  }
}

function closeUnsent(response: ServerResponse): void {
  response.destroy();
  response.emit("close");
}
