import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Which answers are under way on each connection; a client that pipelines has several. */
export class OpenAnswers {
  readonly #byConnection = new WeakMap<Duplex, Set<ServerResponse>>();

  /** Remembers an answer until it is closed. */
  add(connection: Duplex, response: ServerResponse): void {
    const open = this.#byConnection.get(connection) ?? this.#watch(connection);
    open.add(response);
    response.once("close", () => open.delete(response));
  }

  has(connection: Duplex): boolean {
    return (this.#byConnection.get(connection)?.size ?? 0) > 0;
  }

  /** Node closes only the answer that has the connection: those that wait for their turn behind it would never hear of it. */
  #watch(connection: Duplex): Set<ServerResponse> {
    const open = new Set<ServerResponse>();
    this.#byConnection.set(connection, open);
    connection.once("close", () => {
      for (const response of open) if (response.socket === null) closeUnsent(response);
    });
    return open;
  }
}

function closeUnsent(response: ServerResponse): void {
  response.destroy();
  response.emit("close");
}
