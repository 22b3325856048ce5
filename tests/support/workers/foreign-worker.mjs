// A worker that knows nothing of this project: `foreign-worker.mjs <port> <worker id>`. The prompt names what the stream does.
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

const [port, workerId] = process.argv.slice(2);
const frame = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const started = { type: "started", job_id: "any", model: "foreign", started_at: "2024-01-01T00:00:00Z", seed: 42 };
const token = (i, t = `t${i} `) => ({ type: "token", t, i });
const end = { type: "end", tokens_out: 2, decode_time_ms: 1, stop_reason: "eos" };
const head = () => frame(started) + frame(token(0)) + frame(token(1));

const SCENARIOS = {
  complete: (response) => response.end(head() + frame(end)),
  truncated: (response) => response.end(head()),
  "done-marker": (response) => response.end(`${head()}data: [DONE]\n\n`),
  reset: (response) => response.write(head(), () => response.socket.resetAndDestroy()),
  "half-closed": (response) => response.write(head(), () => response.socket.destroy()),
  silent: (response) => response.write(frame(started)),
  stalls: (response) => response.write(head()),
  "stays-open": (response) => response.write(head() + frame(end)),
  chatters: (response) => {
    response.write(head());
    const timer = setInterval(() => response.write(": still here\n\n"), 10);
    response.once("close", () => clearInterval(timer));
  },
  endless: (response) => {
    let i = 0;
    const more = () => {
      while (!response.destroyed && response.write(frame(token(i++)))) if (i % 100 === 0) return setImmediate(more);
      if (!response.destroyed) response.once("drain", more);
    };
    response.write(frame(started));
    more();
  },
  "huge-event": (response) => response.end(frame(started) + frame(token(0, "x".repeat(2 ** 20)))),
  "not-json": (response) => response.end(`${head()}data: {oops\n\n`),
  "other-job": (response) =>
    response.end(frame({ ...started, job_id: "somebody else's" }) + frame(token(0)) + frame(end)),
  "half-a-character": (response) =>
    response.end(head() + frame(token(2, "\ud83c")) + frame(token(3, "\udf89")) + frame(end)),
  "unknown-type": (response) => response.end(head() + frame({ type: "surprise" })),
  "missing-field": (response) => response.end(head() + frame({ type: "token", t: "no index" })),
  "second-end": (response) => response.end(head() + frame(end) + frame(end)),
  "index-jumps": (response) => response.end(frame(started) + frame(token(0)) + frame(token(2)) + frame(end)),
  "no-started": (response) => response.end(frame(token(0)) + frame({ ...end, tokens_out: 1 })),
  "other-line-ends": (response) => response.end(`\ufeff: hi\r\n\r\n${(head() + frame(end)).replaceAll("\n", "\r")}`),
  "byte-by-byte": async (response) => {
    for (const byte of Buffer.from(
      frame(started) + frame(token(0, "naïve ")) + frame(token(1, "日本🎉")) + frame(end),
    )) {
      response.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    response.end();
  },
};

async function execute(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { prompt, job_id } = JSON.parse(Buffer.concat(chunks).toString());
  started.job_id = job_id;
  if (prompt === "html") return response.writeHead(200, { "content-type": "text/html" }).end("<h1>Login</h1>");
  if (prompt === "compressed") {
    const headers = { "content-type": "text/event-stream", "content-encoding": "gzip" };
    return response.writeHead(200, headers).end(gzipSync(head() + frame(end)));
  }
  if (prompt === "teapot") return response.writeHead(418).end("short and stout");
  if (prompt === "dies") return process.exit(7);
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (prompt === "dies-mid-stream") return response.write(head(), () => process.kill(process.pid, "SIGSEGV"));
  return SCENARIOS[prompt](response);
}

const server = createServer((request, response) => {
  if (request.url === "/health") return response.end(JSON.stringify({ worker_id: workerId }));
  return void execute(request, response);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`Listening on port ${server.address().port}`));
