// Says that it is ready, and ends with code 7 when it is asked to stop.
import { createServer } from "node:http";

const [workerId] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit(7));
const server = createServer((_, response) => response.end("{}"));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const ready = {
    event: "ready",
    worker_id: workerId,
    host: "127.0.0.1",
    port,
    pid: process.pid,
    model: "m",
    device: "d",
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});
