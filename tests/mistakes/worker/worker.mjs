// A healthy inference worker in plain Node, without any code of the framework. A mistake replaces one of its methods.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { OPENAI, ORCD } from "./formats.mjs";

const WORDS = ["Grüße", " aus", " der", " Küche", " –", " 日本語", " und", " 👩‍🍳", " am", " Herd", ",", " wo"];
/** The answer: 24 tokens, unless the request has a smaller limit. */
export const ANSWER = [...WORDS, ...WORDS.map((word) => ` ${word.trim()}`)];
const FORMATS = { "/execute": ORCD, "/v1/chat/completions": OPENAI };
const SHUTDOWN_MS = 2_000;

export class Worker {
  host = "127.0.0.1";
  slotCount = 2;
  itlMs = 10;
  answer = ANSWER;
  running = new Set();
  waiting = [];
  jobCount = 0;

  constructor({ port, id }) {
    Object.assign(this, { port: Number(port), id });
  }

  async start() {
    process.on("SIGTERM", () => void this.shutDown());
    await this.load();
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error) => this.fail(response, error));
    });
    await this.listen();
    await this.onReady();
  }

  async load() {}

  listen() {
    return new Promise((resolve) => this.server.listen(this.port, this.host, resolve));
  }

  async onReady() {}

  async serve(request, response) {
    const text = await readBody(request);
    const { pathname } = new URL(request.url, "http://worker");
    const format = FORMATS[pathname];
    if (request.method === "GET" && pathname === "/health") return this.answerHealth(response);
    if (request.method === "GET" && pathname === "/v1/models")
      return json(response, 200, { object: "list", data: [{ id: "m" }] });
    if (pathname.startsWith("/cancel/")) return this.cancel(decodeURIComponent(pathname.slice(8)), response);
    if (pathname === "/shutdown") return this.answerShutdown(response);
    if (format === undefined) return json(response, 404, { code: "NOT_FOUND", message: pathname });
    return this.execute({ format, text, request: JSON.parse(text), response, headers: request.headers });
  }

  fail(response, error) {
    console.error(error);
    response.destroy();
  }

  health() {
    return {
      ...{ status: "healthy", worker_id: this.id, model: "m", device: "cpu", resident: true, vram_bytes: 0 },
      ...{
        quant_kind: "none",
        context_length: 2048,
        vocab_size: 32000,
        uptime_seconds: 1,
        determinism: [],
        pid: process.pid,
      },
      slots: { total: this.slotCount, busy: this.running.size, queued: this.waiting.length },
    };
  }

  answerHealth(response) {
    json(response, 200, this.health());
  }

  answerShutdown(response) {
    json(response, 202, {});
    setImmediate(() => void this.shutDown());
  }

  async execute(job) {
    this.jobCount += 1;
    job.end = new AbortController();
    job.id = job.request.job_id ?? `chat-${this.jobCount}`;
    job.seed = /"seed"\s*:\s*(\d+)/.exec(job.text)?.[1] ?? "1";
    job.response.on("close", () => this.leave(job));
    this.sendHead(job);
    await this.takeSlot(job);
    try {
      for await (const event of this.generate(job)) this.send(job, event);
    } finally {
      this.releaseSlot(job);
    }
    this.finish(job);
  }

  leave(job) {
    if (!job.response.writableFinished) job.end.abort();
  }

  headers(job) {
    const { "x-correlation-id": correlationId = "none" } = job.headers;
    return { "content-type": "text/event-stream", "cache-control": "no-cache", "x-correlation-id": correlationId };
  }

  sendHead(job) {
    job.response.writeHead(200, this.headers(job)).flushHeaders();
  }

  async takeSlot(job) {
    if (this.running.size >= this.slotCount) await new Promise((resolve) => this.waiting.push(resolve));
    this.running.add(job);
  }

  releaseSlot(job) {
    this.running.delete(job);
    this.waiting.shift()?.();
  }

  limit({ request }) {
    return request.max_tokens ?? request.max_completion_tokens ?? Infinity;
  }

  async *generate(job) {
    const startedAtMs = performance.now();
    const tokens = this.answer.slice(0, this.limit(job));
    let [text, count, reason, matched] = ["", 0, tokens.length < this.answer.length ? "max_tokens" : "eos", null];
    yield { type: "started", job_id: job.id, model: "m", started_at: new Date().toISOString(), seed: job.seed };
    for (const t of tokens) {
      await sleep(this.itlMs);
      if (job.end.signal.aborted)
        return yield { type: "error", code: "CANCELLED", message: "cancelled", retriable: false };
      count += 1;
      matched = job.request.stop?.find((stop) => (text + t).includes(stop)) ?? null;
      if (matched !== null) reason = "stop_sequence";
      if (matched !== null) break;
      text += t;
      yield { type: "token", t, i: count - 1 };
    }
    const decode_time_ms = performance.now() - startedAtMs;
    yield { type: "end", tokens_out: count, decode_time_ms, stop_reason: reason, stop_sequence_matched: matched };
  }

  send(job, event) {
    for (const data of job.format.encode(event, job)) this.write(job, this.frame(job, event, data));
  }

  frame(job, event, data) {
    return job.format.frame(event, data);
  }

  write({ response }, bytes) {
    if (!response.destroyed) response.write(bytes);
  }

  finish({ response }) {
    response.end();
  }

  cancel(id, response) {
    const job = [...this.running].find((each) => each.id === id);
    job?.end.abort();
    json(response, 202, { job_id: id, state: job === undefined ? "unknown" : "cancelling" });
  }

  async shutDown() {
    const givesUpAtMs = performance.now() + SHUTDOWN_MS;
    while (this.running.size > 0 && performance.now() < givesUpAtMs) await sleep(5);
    this.server?.close();
    this.server?.closeIdleConnections();
    setImmediate(() => process.exit(0));
  }
}

export function json(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
