// A thread spins from before the ready line on, as those that poll a GPU do; the main thread serves HTTP.
import { createServer } from "node:http";
import { Worker } from "node:worker_threads";

const [port, ending] = process.argv.slice(2);
const spinner = new Worker(
  `postMessage(0); for (;;);`.replace("postMessage", 'require("node:worker_threads").parentPort.postMessage'),
  {
    eval: true,
  },
);
spinner.once("message", () => {
  createServer((request, response) => {
    response.end("{}");
    if (ending === "exits" && request.url === "/work") response.once("finish", () => process.exit(1));
  }).listen(Number(port), "127.0.0.1");
});
