import { createServer } from "node:net";

/** Whether a program could listen on that port right now. Leaves nothing open. */
export function isBindable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
