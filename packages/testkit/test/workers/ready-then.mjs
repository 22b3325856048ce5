// Says that it is ready, and then: `never` answers, `dribbles` an answer without end, `exits` with code 3, or answers and `shuts-down-badly`,
// with code 7. Connects to the port `asked`, if it is given one, when a request has come.
import { createServer } from "node:http";
import { connect } from "node:net";

const [then, workerId, asked] = process.argv.slice(2);
if (then === "shuts-down-badly") process.on("SIGTERM", () => process.exit(7));
const server = createServer((_, response) => {
  if (asked !== undefined) connect(Number(asked), "127.0.0.1").unref();
  if (then === "dribbles") response.writeHead(200, { "content-type": "application/json" }).write("{");
  if (then === "shuts-down-badly") response.end("{}");
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
