// POST /v1/messages on ::1, with pings and comments. Loads for a while, and has an engine in its process group.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [port, host] = process.argv.slice(2);
const readyAtMs = performance.now() + 600;
const engine = spawn("/bin/sh", ["-c", "trap 'sleep 0.1; exit 0' TERM; while :; do sleep 0.05; done"], {
  stdio: "ignore",
});

async function answer(request, response) {
  const { max_tokens: limit } = JSON.parse(await readBody(request));
  response.writeHead(200, { "content-type": "text/event-stream" }).write(": connected\n\n");
  const send = (data) => response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
  send({
    type: "message_start",
    message: { role: "assistant", content: [], usage: { input_tokens: 1, output_tokens: 0 } },
  });
  send({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  const count = Math.min(limit, 24);
  for (let index = 0; index < count; index += 1) {
    await sleep(10);
    if (index % 8 === 4) send({ type: "ping" });
    response.write(": still here\n\n");
    send({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: ` wörd${index}` } });
  }
  send({ type: "content_block_stop", index: 0 });
  const stop_reason = count < 24 ? "max_tokens" : "end_turn";
  send({ type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: count } });
  send({ type: "message_stop" });
  response.end();
}

async function readBody(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

createServer((request, response) => {
  if (request.method === "POST") void answer(request, response);
  else if (request.url === "/health") response.writeHead(performance.now() < readyAtMs ? 503 : 200).end("ok");
  else if (request.url === "/v1/models") response.end(JSON.stringify({ data: [{ id: "m" }] }));
  else response.writeHead(404).end();
}).listen(Number(port), host);
process.on("SIGTERM", () => {
  engine.once("exit", () => process.exit(143));
  engine.kill("SIGTERM");
});
