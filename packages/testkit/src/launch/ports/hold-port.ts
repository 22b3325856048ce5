import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A port that is kept from other processes until one of our programs listens on it. */
export interface HeldPort {
  /** Lets go; may be called more than once. */
  release(): void;
}

/**
 * Keeps a port on which no process listens any more for a program that will listen on it again. A connection that *comes from* the port
 * occupies it: the system gives it to nobody who asks for any port, and nobody connects from it; a program that binds it by number
 * with SO_REUSEADDR, as nearly every server does, still can. `undefined` if the port cannot be had.
 */
export async function holdPort(host: string, port: number): Promise<HeldPort | undefined> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  server.listen({ host, port: 0, exclusive: true });
  await once(server, "listening");
  const target = server.address() as AddressInfo;
  const socket = connect({ host, port: target.port, localAddress: host, localPort: port });
  const release = (): void => {
    socket.resetAndDestroy(); // no TIME_WAIT stays behind on the port
    server.close();
  };
  if (await isConnected(socket)) return { release };
  release();
  return undefined;
}

function isConnected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
}
