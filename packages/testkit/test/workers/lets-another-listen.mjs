// Sends the port of argument 1 to the server on the port of argument 2. It answers "taken" once it listens there itself, or "free".
import { createServer } from "node:http";
import { connect } from "node:net";

const [port, broker] = process.argv.slice(2).map(Number);
connect(broker, "127.0.0.1")
  .on("connect", function () {
    this.write(String(port));
  })
  .on("data", (answer) => {
    if (String(answer) === "free") createServer((_, response) => response.end("{}")).listen(port, "127.0.0.1");
  });
setInterval(() => {}, 60_000);
