// Mistakes in the answer as HTTP and as Server-Sent Events.
import { gzipSync } from "node:zlib";

const once = (worker, name, replacement) => {
  const original = worker[name].bind(worker);
  worker[name] = (...args) => replacement(original, ...args);
};

/** Adds or changes headers of the answer. */
const headers = (worker, fields) => once(worker, "headers", (original, job) => ({ ...original(job), ...fields }));
/** Rewrites frames; `undefined` keeps one. */
const frames = (worker, change) =>
  once(worker, "frame", (original, job, event, data) => change(event, data, job) ?? original(job, event, data));
/** Collects the answer and sends it in one piece. */
const collect = (worker) => {
  const kept = [];
  worker.write = (_job, bytes) => kept.push(Buffer.from(bytes));
  return (job) => job.response.end(Buffer.concat(kept));
};

export const FRAMING = {
  "json-content-type": (worker) => headers(worker, { "content-type": "application/json" }),
  "no-content-type": (worker) => {
    worker.headers = () => ({});
  },
  "compressed-anyway": (worker) => {
    headers(worker, { "content-encoding": "gzip" });
    worker.write = ({ response }, bytes) => response.write(gzipSync(bytes));
  },
  "whole-json-answer": (worker) => {
    headers(worker, { "content-type": "application/json" });
    worker.send = () => undefined;
    worker.finish = ({ response }) => response.end(JSON.stringify({ text: "Hello" }));
  },
  "html-error-page": (worker) => {
    headers(worker, { "content-type": "text/html" });
    worker.send = () => undefined;
    worker.finish = ({ response }) => response.end("<h1>502 Bad Gateway</h1>");
  },
  "answers-500": (worker) => {
    worker.sendHead = ({ response }) => response.writeHead(500, { "content-type": "text/plain" });
    worker.send = () => undefined;
    worker.finish = ({ response }) => response.end("Internal Server Error");
  },
  "no-blank-line-at-end": (worker) =>
    frames(worker, ({ type }, data) => (type === "end" ? `event: end\ndata: ${data}\n` : undefined)),
  "one-newline": (worker) => frames(worker, ({ type }, data) => `event: ${type}\ndata: ${data}\n`),
  "escaped-newlines": (worker) => frames(worker, ({ type }, data) => `event: ${type}\\ndata: ${data}\\n\\n`),
  "pretty-printed": (worker) =>
    frames(worker, ({ type }, data) => `event: ${type}\ndata: ${JSON.stringify(JSON.parse(data), null, 2)}\n\n`),
  "lines-of-json": (worker) => frames(worker, (_event, data) => `${data}\n`),
  "data-twice": (worker) => frames(worker, ({ type }, data) => `event: ${type}\ndata: data: ${data}\n\n`),
  "python-repr": (worker) =>
    frames(worker, ({ type }, data) => `event: ${type}\ndata: ${data.replaceAll('"', "'")}\n\n`),
  "raw-newline-in-text": (worker) =>
    frames(worker, ({ type }, data) =>
      type === "token" ? `event: token\ndata: ${data.replace('"t":"', '"t":"\n')}\n\n` : undefined,
    ),
  "nan-in-json": (worker) =>
    frames(worker, ({ type }, data) =>
      type === "end"
        ? `event: end\ndata: ${data.replace(/"decode_time_ms":[\d.]+/, '"decode_time_ms":NaN')}\n\n`
        : undefined,
    ),
  "wrong-event-name": (worker) => frames(worker, (_event, data) => `event: started\ndata: ${data}\n\n`),
  "unknown-event-type": (worker) =>
    frames(worker, ({ type }, data) =>
      type === "token" ? `event: delta\ndata: ${data.replace('"token"', '"delta"')}\n\n` : undefined,
    ),
  "null-for-text": (worker) =>
    frames(worker, ({ type, i }, data) =>
      type === "token" && i === 3 ? `event: token\ndata: ${data.replace(/"t":"[^"]*"/, '"t":null')}\n\n` : undefined,
    ),
  "empty-token": (worker) =>
    frames(worker, ({ type, i }, data) =>
      type === "token" && i === 3 ? `event: token\ndata: ${data.replace(/"t":"[^"]*"/, '"t":""')}\n\n` : undefined,
    ),
  "length-too-short": (worker) => {
    const finish = collect(worker);
    worker.sendHead = () => undefined;
    worker.finish = (job) => {
      const { socket } = job.response;
      job.response.end = (bytes) =>
        socket.end(
          `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${bytes.length - 60}\r\n\r\n${bytes}`,
        );
      finish(job);
    };
  },
  "length-too-long": (worker) => {
    const finish = collect(worker);
    worker.sendHead = () => undefined;
    worker.finish = (job) => {
      const { socket } = job.response;
      job.response.end = (bytes) =>
        socket.end(
          `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${bytes.length + 60}\r\n\r\n${bytes}`,
        );
      finish(job);
    };
  },
  "drops-connection-at-end": (worker) =>
    (worker.finish = ({ response }) => setTimeout(() => response.socket.destroy(), 30)),
  "resets-connection-at-end": (worker) =>
    (worker.finish = ({ response }) => setTimeout(() => response.socket.resetAndDestroy(), 30)),
  "stays-open": (worker) => (worker.finish = () => undefined),
  "breaks-off": (worker) =>
    once(worker, "send", (send, job, event) => (event.i === 5 ? job.response.destroy() : send(job, event))),
  "no-end-event": (worker) =>
    once(worker, "send", (send, job, event) => (event.type === "end" ? undefined : send(job, event))),
  "sends-at-once": (worker) => {
    worker.itlMs = 40;
    const finish = collect(worker);
    worker.finish = finish;
  },
  "buffers-4-kib": (worker) => {
    worker.itlMs = 40;
    let kept = "";
    worker.write = ({ response }, text) => {
      kept += text;
      if (kept.length < 4096) return;
      response.write(kept);
      kept = "";
    };
    worker.finish = ({ response }) => response.end(kept);
  },
  "never-answers": (worker) =>
    (worker.sendHead = () => new Promise(() => undefined) && (worker.send = worker.finish = () => undefined)),
  "only-comments": (worker) => {
    worker.execute = (job) => {
      worker.sendHead(job);
      const timer = setInterval(() => job.response.write(": ping\n\n"), 20);
      job.response.on("close", () => clearInterval(timer));
    };
  },
  stalls: (worker) =>
    once(worker, "send", (send, job, event) => {
      if (event.i === 5) worker.send = worker.finish = () => undefined;
      else send(job, event);
    }),
  "endless-line": (worker) =>
    once(worker, "send", (send, job, event) => {
      if (event.i !== 3) return send(job, event);
      for (let written = 0; written < 40; written += 1) job.response.write("data: ".padEnd(64 * 1024, "x"));
      return undefined;
    }),
};
