// A worker that logs all it is given, in several notations, and quotes it in its answers: `credential-worker.mjs <port> <worker id> …`.
import { createServer } from "node:http";
import { inspect } from "node:util";

const [port, workerId] = process.argv.slice(2);
const chosen = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(HF|OPENAI|AWS|MY)_/.test(name)));
const frame = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

function log(value) {
  console.log(JSON.stringify(value));
  console.log(JSON.stringify({ message: JSON.stringify(value) }));
  console.log(inspect(value, { breakLength: Infinity, depth: 9 }));
  for (const [name, each] of Object.entries(value)) console.error(`${name}=${each}`);
  for (const [name, each] of Object.entries(value)) console.error(`${name}: ${each}`);
}

console.log(process.argv.join(" "));
console.log(JSON.stringify(process.argv));
log(chosen);

const server = createServer(async (request, response) => {
  if (request.url === "/health") return response.end(JSON.stringify({ worker_id: workerId }));
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("latin1");
  console.log(request.url);
  console.log(JSON.stringify(request.rawHeaders));
  console.log(body);
  log(request.headers);
  const { job_id, mode } = body.startsWith("{") ? JSON.parse(body) : {};
  const quote = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
  if (mode === undefined) return response.writeHead(400, request.headers["x-echo"] ? request.headers : {}).end(quote);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(
    frame({ type: "started", job_id, model: "m", started_at: "2024-01-01T00:00:00Z", seed: 42 }) +
      frame({ type: "token", t: "a", i: 0 }),
  );
  if (mode === "garble") return response.end(`data: {"type":"surprise","quote":${JSON.stringify(quote)}}\n\n`);
  if (mode === "cut") return response.end(`no field ${quote}\ndata: unfinished ${quote}`);
  response.end(frame({ type: "error", code: "NO", message: quote, retriable: false }));
});
server.listen(Number(port), "127.0.0.1", () => console.log(`Listening on port ${server.address().port}`));
