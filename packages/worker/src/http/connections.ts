import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One open connection. */
interface Connection {
  /** The answers under way; a client that pipelines has several. */
  readonly answers: Set<ServerResponse>;
  newest: ServerResponse | undefined;
  /** It is closed when what was asked is answered. */
  isEnding: boolean;
}

/** Every open connection, and the answers under way on it. */
export class Connections {
  readonly #connections = new Map<Duplex, Connection>();
  #closing = false;

  /** Remembers a connection until it is closed. */
  add(connection: Duplex): void {
    const answers = new Set<ServerResponse>();
    this.#connections.set(connection, { answers, newest: undefined, isEnding: false });
    connection.once("close", () => {
      this.#connections.delete(connection);
      // Node closes only the answer that has the connection: those that wait behind it would never hear of it.
      for (const response of answers) if (response.socket === null) closeUnsent(response);
    });
  }

  /** Remembers an answer until it is closed. */
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

  /** Whether a request that has arrived as a whole is not answered to the end. */
  owesAnswer(connection: Duplex): boolean {
    return this.#answersOf(connection).some((response) => response.req.complete);
  }

  /** The request whose head arrived last, answered or not. */
  newestRequest(connection: Duplex): IncomingMessage | undefined {
    return this.#connections.get(connection)?.newest?.req;
  }

  /** Whether the newest request is answered, and only the rest of its body is missing. */
  isRefusedBody(connection: Duplex): boolean {
    const newest = this.#connections.get(connection)?.newest;
    return newest?.writableEnded === true && !newest.req.complete;
  }

  /** Closes a connection once every request that has arrived is answered. */
  closeWhenAnswered(connection: Duplex): void {
    const entry = this.#connections.get(connection);
    if (entry !== undefined) entry.isEnding = true;
  }

  /** Closes each connection as soon as no answer is being written on it; one that still sends its request is cut off. */
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
