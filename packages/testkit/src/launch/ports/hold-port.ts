import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A port that is kept from other processes until one of our programs listens on it. */
export interface HeldPort {
  /** Releases the port; may be called more than once. */
  release(): void;
}

/**
 * Holds a port that nothing listens on at the moment for a program that will listen on it again. An open connection *from* the port
 * occupies it: the system does not assign it to port-0 binds or outgoing connections, while a program that binds it by number with
 * SO_REUSEADDR, as nearly every server does, still can. `undefined` if the port cannot be held.
 */
export async function holdPort(host: string, port: number): Promise<HeldPort | undefined> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  server.listen({ host, port: 0, exclusive: true });
  await once(server, "listening");
  const target = server.address() as AddressInfo;
  const socket = connect({ host, port: target.port, localAddress: host, localPort: port });
  const release = (): void => {
    socket.resetAndDestroy(); // leaves no TIME_WAIT on the port
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
