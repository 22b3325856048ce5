// Answers 24 jobs, the first token after a second, and refuses all later ones: its queue is full.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { end, started, token } from "./tiny-worker.mjs";

const ANSWERED = 24;
const TTFT_MS = 1_000;
const ITL_MS = 5;
let count = 0;

createServer(async (request, response) => {
  if (request.method !== "POST") {
    const health = { status: "healthy", worker_id: "fills-up", model: "tiny" };
    response.writeHead(request.url === "/health" ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(health));
    return;
  }
  count += 1;
  const isFull = count > ANSWERED;
  let body = "";
  for await (const chunk of request) body += chunk;
  if (isFull) {
    await sleep(20);
    const error = { code: "QUEUE_FULL", message: "the queue is full", retriable: true };
    response.writeHead(503, { "content-type": "application/json" }).end(JSON.stringify(error));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  const job = JSON.parse(body);
  const events = [started(job), token("one", 0), token(" two", 1), end(2, "eos")];
  for (const event of events) {
    if (event.type === "token") await sleep(event.i === 0 ? TTFT_MS : ITL_MS);
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}).listen(Number(process.argv[2]), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
