// A worker that knows nothing of this project and does with its jobs what their prompts say: `job-worker.mjs <port> <worker id>`.
// A prompt may begin with "swap": two such jobs get each other's answers.
import { createServer } from "node:http";

const [port, workerId] = process.argv.slice(2);
const TOKEN_MS = 5;
const frame = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const started = (job_id) => ({ type: "started", job_id, model: "jobs", started_at: "2024-01-01T00:00:00Z", seed: 42 });
const end = (tokens_out, stop_reason) => ({ type: "end", tokens_out, decode_time_ms: 1, stop_reason });
const cancelled = { type: "error", code: "CANCELLED", message: "cancelled", retriable: false };

/** Running jobs: id → { response, prompt, sent, timer }. */
const jobs = new Map();

function stop(job) {
  clearInterval(job.timer);
  jobs.delete(job.id);
}

function finish(job, event) {
  stop(job);
  job.response.end(frame(event));
}

function sendToken(job) {
  job.response.write(frame({ type: "token", t: `t${job.sent} `, i: job.sent }));
  job.sent++;
}

/** What a cancellation does, by prompt; the value is the answer's status and state. */
const CANCELS = {
  "cancel: ends with error": (job) => finish(job, cancelled),
  "cancel: ends with end": (job) => finish(job, end(job.sent, "cancelled")),
  "cancel: is ignored": () => undefined,
  "cancel: is refused": () => ({ status: 500 }),
  "cancel: is unknown, the job keeps running": () => ({ state: "unknown" }),
  "cancel: comes when the job is finished": (job) => {
    finish(job, end(job.sent, "eos"));
    return { state: "finished" };
  },
  "cancel: hangs": (job) => clearInterval(job.timer),
  "cancel: breaks the stream off": (job) => {
    stop(job);
    job.response.end();
  },
  "cancel: comes five tokens late": (job) => {
    clearInterval(job.timer);
    // By hand, so that they cannot lie in the connection already: they follow the answer.
    setTimeout(() => {
      for (let count = 0; count < 5; count++) sendToken(job);
      finish(job, cancelled);
    }, 60);
  },
};

function cancel(id, response) {
  const job = jobs.get(id);
  const answer = {
    status: 202,
    state: job === undefined ? "unknown" : "cancelling",
    ...(job && CANCELS[job.prompt]?.(job)),
  };
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify({ job_id: id, state: answer.state }));
}

function run({ job_id, prompt, max_tokens }, response) {
  const job = { id: job_id, prompt, response, sent: 0 };
  jobs.set(job_id, job);
  response.once("close", () => stop(job));
  response.write(frame(started(job_id)));
  job.timer = setInterval(() => {
    if (job.sent === max_tokens) finish(job, end(job.sent, "max_tokens"));
    else sendToken(job);
  }, TOKEN_MS);
}

/** Answers with the whole prompt as one token. */
function echo({ job_id, prompt }, response) {
  response.end(frame(started(job_id)) + frame({ type: "token", t: prompt, i: 0 }) + frame(end(1, "eos")));
}

const waiting = {};

/** Two jobs of one kind are answered together: `mix` answers one of them, given both. */
function answerInPairs(kind, exchange, mix) {
  const first = waiting[kind];
  waiting[kind] = first === undefined ? exchange : undefined;
  if (first === undefined) return;
  mix(first, exchange);
  mix(exchange, first);
}

const SWAPS = {
  "swap texts": (own, other) => echo({ job_id: own.body.job_id, prompt: other.body.prompt }, own.open()),
  "swap ids": (own, other) => echo({ job_id: other.body.job_id, prompt: "x" }, own.open()),
  "swap correlation ids": (own, other) => echo(own.body, own.open(other.correlationId)),
};

const OTHERS = {
  "no token": ({ job_id }, response) => response.end(frame(started(job_id)) + frame(end(0, "eos"))),
  "ends with the stop reason error": ({ job_id }, response) => {
    response.end(frame(started(job_id)) + frame({ type: "token", t: "a", i: 0 }) + frame(end(1, "error")));
  },
};

function refuse(response) {
  response.writeHead(503, { "retry-after": new Date(Date.now() + 60_000).toUTCString() });
  response.end("<h1>busy</h1>");
}

async function execute(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  const correlationId = request.headers["x-correlation-id"];
  const open = (id = correlationId) =>
    response.writeHead(200, { "content-type": "text/event-stream", ...(id && { "x-correlation-id": id }) });
  if (body.prompt === "busy") return refuse(response);
  const swap = Object.keys(SWAPS).find((name) => body.prompt.startsWith(name));
  if (swap !== undefined) return answerInPairs(swap, { body, correlationId, open }, SWAPS[swap]);
  open();
  if (OTHERS[body.prompt] !== undefined) return OTHERS[body.prompt](body, response);
  return run(body, response);
}

function health(response) {
  const slots = { total: 100, busy: jobs.size, queued: 0 };
  const facts = { model: "jobs", device: "none", resident: true, vram_bytes: 0, quant_kind: "none" };
  const figures = { context_length: 1, vocab_size: 1, uptime_seconds: 1, determinism: [], pid: process.pid };
  response.end(JSON.stringify({ status: "healthy", worker_id: workerId, ...facts, ...figures, slots }));
}

const server = createServer((request, response) => {
  if (request.url === "/health") return health(response);
  const id = /^\/cancel\/(.+)$/.exec(request.url)?.[1];
  if (id !== undefined) return cancel(decodeURIComponent(id), response);
  return void execute(request, response);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`Listening on port ${server.address().port}`));
