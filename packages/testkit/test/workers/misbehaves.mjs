// A worker that serves the protocol on the port of argument 1, except as the other arguments say; without any, it is healthy.
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { createServer } from "node:http";

const [port, ...ways] = process.argv.slice(2);
const has = (way) => ways.includes(way);

if (has("ignores-sigterm")) process.on("SIGTERM", () => undefined);
else process.on("SIGTERM", () => process.exit(has("exits-with-3") ? 3 : 0));

const event = (data) => Buffer.from(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
const token = (t, i) => event({ type: "token", t, i });
const health = {
  ...{
    status: has("unhealthy-200") || has("unhealthy-503") ? "unhealthy" : "healthy",
    worker_id: "misbehaves",
    model: "m",
    device: "d",
    resident: true,
    vram_bytes: 0,
    quant_kind: "none",
  },
  ...{ context_length: 8, vocab_size: 8, uptime_seconds: 0, determinism: [], pid: process.pid },
  slots: { total: 1, busy: 0, queued: 0 },
};

/** The end event of an answer with two tokens. */
function endOf() {
  const end = { type: "end", tokens_out: 2, decode_time_ms: 1, stop_reason: "eos", stop_sequence_matched: null };
  if (has("counts-low")) end.tokens_out = 1;
  if (has("counts-high")) end.tokens_out = 900;
  if (has("claims-max-tokens")) end.stop_reason = "max_tokens";
  if (has("claims-a-stop")) Object.assign(end, { stop_reason: "stop_sequence", stop_sequence_matched: "###" });
  if (has("counts-nanoseconds")) end.decode_time_ms = 1e9;
  if (has("repeats-the-text")) Object.assign(end, { tokens_out: 8, stop_reason: "max_tokens" });
  return event(end);
}

const REPEATED = Array.from({ length: 8 }, (_, index) => "grün ".repeat(index + 1));

function* answer({ job_id, seed = 1 }) {
  yield event({
    ...{ type: "started", job_id, model: "m", started_at: "2024-01-01T00:00:00Z" },
    seed: has("other-seed") ? Number(seed) + 1 : seed,
  });
  if (has("repeats-the-text")) {
    yield* REPEATED.map(token);
    yield endOf();
    return;
  }
  yield token("grün \ufffd", 0); // a U+FFFD that is valid
  if (has("endless")) for (let i = 1; i < 20; i += 1) yield token(` ${i}`, i);
  const second = token("é.", 1);
  yield has("invalid-utf8")
    ? Buffer.concat([...second].map((byte) => Buffer.from(byte === 0xc3 ? [] : [byte])))
    : second;
  yield endOf();
}

/**
 * Starts a process that has a session of its own, no variable in its environment, and no parent any more before anyone looks; what it
 * inherits is one open file, as number 3.
 */
function hide(file) {
  const options = { detached: true, env: {}, stdio: ["ignore", "ignore", "ignore", file] };
  spawn("/bin/sh", ["-c", "/bin/sleep 321 & exit 0"], options);
}

/** Starts a process in the group of the worker that ends a while after it. */
function startSlowChild() {
  spawn("/bin/sh", ["-c", "trap 'sleep 0.3; exit 0' TERM; while :; do sleep 0.05; done"], { stdio: "ignore" });
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.url === "/health") {
    response
      .writeHead(has("unhealthy-503") ? 503 : 200, { "content-type": "application/json" })
      .end(JSON.stringify(health));
    return;
  }
  if (request.method !== "POST") {
    response.writeHead(404).end();
    return;
  }
  if (has("leaves-holder-of-port")) hide(server._handle.fd);
  if (has("leaves-writer")) hide(openSync(process.env.FILE_OF_WRITER, "a"));
  if (has("leaves-stubborn-child")) spawn("/bin/sleep", ["322"], { stdio: "ignore", detached: true });
  if (has("leaves-many"))
    for (let i = 0; i < 40; i += 1) spawn("/bin/sleep", ["326"], { stdio: "ignore", detached: true });
  if (has("has-slow-child")) startSlowChild();
  if (has("listens-everywhere")) createServer().listen(0, "0.0.0.0");
  if (has("quits-after-end")) response.once("finish", () => process.exit(0));
  if (has("crashes-after-end")) response.once("finish", () => process.abort());
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const bytes of answer(JSON.parse(Buffer.concat(chunks).toString()))) response.write(bytes);
  if (has("stays-open")) return;
  if (has("resets-after-end"))
    response.socket.once("drain", () => undefined) && setTimeout(() => response.socket.resetAndDestroy(), 50);
  else response.end();
});
server.listen(Number(port), "127.0.0.1");
