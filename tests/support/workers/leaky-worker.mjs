// A worker whose memory behaves according to its mode: `leaky-worker.mjs <port> <worker id> <mode>`, with `steady`, `leak:<bytes a job>`,
// `step:<bytes>:<jobs before it>`, `restarts:<jobs before it>`, `dies:<jobs before it>`, `held`
// (a job ends when `/release` is requested), `bare` (its `/health` has only the id), `child:<bytes>` (a child process uses the memory).
// `/asked` returns how often `/health` was requested.
import { spawn } from "node:child_process";
import { createServer } from "node:http";

const [port, workerId, mode = "steady"] = process.argv.slice(2);
const [kind, first = 0, second = 0] = mode.split(":").map((part, index) => (index === 0 ? part : Number(part)));
const MODEL_BYTES = 100 * 1024 ** 2;

const held = [];
let heldBytes = 0;
let jobCount = 0;
let busy = 0;
let askedCount = 0;
let release = () => undefined;
let pid = process.pid;
let bornAt = performance.now();

/** Written to, so that it is resident. */
function hold(bytes) {
  held.push(Buffer.alloc(bytes, 1));
  heldBytes += bytes;
}

if (kind === "child") {
  const source = `const held = Buffer.alloc(${first}, 1); console.log("holds", held.length); setInterval(() => held.length, 1000)`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
}

const JOBS = {
  leak: () => hold(first),
  step: () => jobCount === second && hold(first),
  restarts: () => {
    if (jobCount !== first) return;
    pid += 1;
    bornAt = performance.now();
  },
  dies: () => jobCount === first && process.exit(7),
};

async function execute(request, response) {
  busy += 1;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { job_id, seed } = JSON.parse(Buffer.concat(chunks).toString());
  jobCount += 1;
  JOBS[kind]?.();
  if (kind === "held") await new Promise((resolve) => (release = resolve));
  const events = [
    { type: "started", job_id, model: "leaky", started_at: "2024-01-01T00:00:00Z", seed: seed ?? 42 },
    { type: "token", t: "hi", i: 0 },
    { type: "end", tokens_out: 1, decode_time_ms: 1, stop_reason: "eos" },
  ];
  const frames = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  busy -= 1;
  response.writeHead(200, { "content-type": "text/event-stream" }).end(frames.join(""));
}

function describe() {
  if (kind === "bare") return { worker_id: workerId };
  const uptime_seconds = (performance.now() - bornAt) / 1000;
  const slots = { total: 1, busy, queued: 0 };
  return { worker_id: workerId, vram_bytes: MODEL_BYTES + heldBytes, uptime_seconds, pid, slots };
}

const server = createServer((request, response) => {
  if (request.url === "/health") {
    askedCount += 1;
    return response.end(JSON.stringify(describe()));
  }
  if (request.url === "/asked") return response.end(String(askedCount));
  if (request.url === "/release") {
    release();
    return response.end();
  }
  if (request.url === "/metrics" && kind !== "bare")
    return response.end(`worker_vram_bytes ${MODEL_BYTES + heldBytes}\n`);
  if (request.url !== "/execute") return response.writeHead(404).end();
  return void execute(request, response);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`Listening on port ${server.address().port}`));
