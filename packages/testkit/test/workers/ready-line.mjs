// Behaves well: binds the port (argument 1, 0 = any) and reports it with its id (argument 2).
import { createServer } from "node:net";

const [port = "0", workerId = "no-id"] = process.argv.slice(2);
const server = createServer((socket) => socket.end());
server.listen(Number(port), "127.0.0.1", () => {
  const address = server.address();
  const ready = { event: "ready", worker_id: workerId, host: "127.0.0.1", port: address.port, pid: process.pid };
  console.log(JSON.stringify({ ...ready, model: "none", device: "none" }));
});
