// Says that it is ready, and then: `never` answers, `dribbles` an answer without end, or `exits` with code 3.
import { createServer } from "node:http";

const [then, workerId] = process.argv.slice(2);
const server = createServer((_, response) => {
  if (then === "dribbles") response.writeHead(200, { "content-type": "application/json" }).write("{");
});
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
  if (then === "exits") process.exit(3);
});
