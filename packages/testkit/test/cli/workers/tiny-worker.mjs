// A worker that does what a test wants: the least that the protocol asks for, and `answer` decides about each job.
import { createServer } from "node:http";

const workerId = process.argv[process.argv.indexOf("--worker-id") + 1];

export const started = (job) => ({
  type: "started",
  job_id: job.job_id,
  model: "tiny",
  started_at: new Date().toISOString(),
  seed: job.seed,
});
export const token = (t, i) => ({ type: "token", t, i });
export const end = (tokensOut, stopReason) => ({
  type: "end",
  tokens_out: tokensOut,
  decode_time_ms: 1,
  stop_reason: stopReason,
});

export function serve(answer) {
  const server = createServer(async (request, response) => {
    if (request.url === "/health") return sendHealth(response);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    for (const event of answer(JSON.parse(Buffer.concat(chunks).toString()))) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    const ready = { event: "ready", worker_id: workerId, host: "127.0.0.1", port, pid: process.pid };
    process.stdout.write(`${JSON.stringify({ ...ready, model: "tiny", device: "none" })}\n`);
  });
  process.once("SIGTERM", () => process.exit(0));
}

function sendHealth(response) {
  const health = {
    ...{ status: "healthy", worker_id: workerId, model: "tiny", device: "none", resident: true, vram_bytes: 0 },
    ...{ quant_kind: "none", context_length: 8, vocab_size: 8, uptime_seconds: 0, determinism: [], pid: process.pid },
    slots: { total: 1, busy: 0, queued: 0 },
  };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(health));
}
