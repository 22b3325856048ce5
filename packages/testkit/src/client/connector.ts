import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import { probeEnds } from "./probe-ends.js";

/** The connection was reset; the system's own error is the `cause`. */
class ConnectionResetError extends Error {
  readonly code = "UND_ERR_SOCKET";

  constructor(cause: Error) {
    super(`the connection was reset (${cause.message})`, { cause });
    this.name = "ConnectionResetError";
  }
}

/**
 * Creates a connector whose sockets report a reset as such. undici 7 treats ECONNRESET as the end of a body whose connection will be
 * closed: without a length or chunks, half a response would pass for a complete one. With a different error code it does not.
 *
 * @param connectMs connect time-out; 0 disables it.
 */
export function createConnector(
  undici: { readonly buildConnector: typeof buildConnector },
  connectMs: number,
): buildConnector.connector {
  const connect = undici.buildConnector({ timeout: connectMs });
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result as readonly [unknown, Socket?]; // absent after a failure, despite its type
      if (socket) renameResets(socket);
      if (socket && !("encrypted" in socket)) probeEnds(socket);
      callback(...result);
    });
}

/** A system error ends a socket through its `destroy()`. */
function renameResets(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error?: Error) => destroy(isReset(error) ? new ConnectionResetError(error) : error);
}

function isReset(error: Error | undefined): error is Error {
  return (error as { code?: string } | undefined)?.code === "ECONNRESET";
}
