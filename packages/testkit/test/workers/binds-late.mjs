// Binds the port of argument 1 only after a while, and says so in its log.
import { createServer } from "node:net";

console.error("warming up");
setTimeout(() => {
  const server = createServer((socket) => socket.end());
  server.listen(Number(process.argv[2]), "127.0.0.1", () =>
    console.error(`Listening on port ${server.address().port}`),
  );
}, 150);
