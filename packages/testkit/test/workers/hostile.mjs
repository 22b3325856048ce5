// A worker that attacks the terminal of whoever reads about it: `hostile.mjs <way> --worker-id <id>`. Each way is one place in which a
// worker's own text reaches an error message or a log.
import { createServer } from "node:http";

const [way] = process.argv.slice(2);
const workerId = process.argv[process.argv.indexOf("--worker-id") + 1];
const VERDICT = "✓ forged verdict: all tests passed";
// Erases lines, colours, sets the window's title, begins lines, uses the one-byte form of CSI, and turns the writing direction.
const ATTACK = `\u001b[2K\u001b[1A\r\u001b[32m${VERDICT}\u001b[0m\n${VERDICT}\r\n\u001b]0;${VERDICT}\u0007\u009b32m\u202e\u2066 end`;

const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const started = (job_id) =>
  event({ type: "started", job_id, model: "hostile", started_at: "2024-01-01T00:00:00Z", seed: 42 });

/** Answers of `/execute`. */
const ANSWERS = {
  "http-failed": () => [500, "text/plain", ATTACK],
  html: () => [200, "text/html\u009b32m", `<html>${ATTACK}</html>`],
  "error-code": (id) => [
    200,
    "text/event-stream",
    started(id) + event({ type: "error", code: ATTACK, message: ATTACK, retriable: false }),
  ],
  "long-error-code": (id) => [
    200,
    "text/event-stream",
    started(id) + event({ type: "error", code: "X".repeat(5_000), message: "-", retriable: false }),
  ],
  "invalid-event": (id) => [
    200,
    "text/event-stream",
    `${started(id)}event: token\ndata: ${ATTACK.replaceAll(/[\r\n]+/g, "\ndata: ")}\n\n`,
  ],
  "invalid-json-event": (id) => [200, "text/event-stream", started(id) + event({ type: ATTACK, [ATTACK]: ATTACK })],
};

const health = {
  ...{ status: "healthy", worker_id: way === "identity" ? ATTACK : workerId, model: ATTACK, device: ATTACK },
  ...{ resident: true, vram_bytes: 0, quant_kind: "none", context_length: 8, vocab_size: 8, uptime_seconds: 0 },
  ...{ determinism: [], pid: process.pid, slots: { total: 1, busy: 0, queued: 0 } },
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.url !== "/health") {
    const { job_id } = JSON.parse(Buffer.concat(chunks).toString());
    const [status, type, body] = ANSWERS[way](job_id);
    response.writeHead(status, { "content-type": type }).end(body);
  } else if (way === "invalid-response") response.end(JSON.stringify({ worker_id: workerId, [ATTACK]: ATTACK }));
  else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(health));
});

console.log(ATTACK);
console.error(ATTACK);
if (way === "log") {
  console.log(JSON.stringify({ event: "error", code: ATTACK, message: ATTACK }));
  process.exitCode = 1;
} else {
  process.once("SIGTERM", () => process.exit(0));
  server.listen(0, "127.0.0.1", () => {
    const ready = { event: "ready", worker_id: workerId, host: "127.0.0.1", port: server.address().port };
    console.log(JSON.stringify({ ...ready, pid: process.pid, model: ATTACK, device: ATTACK }));
  });
}
