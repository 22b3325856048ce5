import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Every open connection, and the answers under way on it; a client that pipelines has several. */
export class Connections {
  readonly #answers = new Map<Duplex, Set<ServerResponse>>();
  #closing = false;

  /** Remembers a connection until it is closed. */
  add(connection: Duplex): void {
    const answers = new Set<ServerResponse>();
    this.#answers.set(connection, answers);
    connection.once("close", () => {
      this.#answers.delete(connection);
      // Node closes only the answer that has the connection: those that wait behind it would never hear of it.
      for (const response of answers) if (response.socket === null) closeUnsent(response);
    });
  }

  /** Remembers an answer until it is closed. */
  addAnswer(connection: Duplex, response: ServerResponse): void {
    const answers = this.#answers.get(connection);
    answers?.add(response);
    response.once("close", () => {
      answers?.delete(response);
      if (this.#closing) this.#closeIfIdle(connection);
    });
  }

  hasAnswer(connection: Duplex): boolean {
    return (this.#answers.get(connection)?.size ?? 0) > 0;
  }

  /** Closes each connection as soon as no answer is being written on it; one that still sends its request is cut off. */
  close(): void {
    this.#closing = true;
    for (const connection of this.#answers.keys()) this.#closeIfIdle(connection);
  }

  #closeIfIdle(connection: Duplex): void {
    const answers = [...(this.#answers.get(connection) ?? [])];
    if (!answers.some((response) => response.headersSent)) connection.destroy();
  }
}

function closeUnsent(response: ServerResponse): void {
  response.destroy();
  response.emit("close");
}
