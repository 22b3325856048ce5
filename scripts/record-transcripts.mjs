// Records what a server answers, byte for byte with arrival times: the test data of the dialects. Traffic goes to the given URL only.
// Usage: node scripts/record-transcripts.mjs --server <name> --url <url> [--model <name>] [--out <folder>] [--compare]
// Writes <out>/<name>.ndjson. With --compare nothing is written: prints what the server now does differently from the recording, and exits
// with 1 if there is anything.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const FOLDER = fileURLToPath(new URL("../packages/testkit/test/dialects/transcripts", import.meta.url));
/** A case that takes longer is recorded up to this point. */
const TIMEOUT_MS = 60_000;
const MOST_BYTES = 4 * 1024 * 1024;

const { values: flags } = parseArgs({
  options: {
    server: { type: "string" },
    url: { type: "string" },
    model: { type: "string", default: "smollm2" },
    out: { type: "string", default: FOLDER },
    compare: { type: "boolean", default: false },
  },
});
if (!/^[\w-]+$/.test(flags.server ?? "") || !URL.canParse(flags.url ?? "")) {
  console.error("Expected --server <name> and --url <url>");
  process.exit(2);
}

const file = join(flags.out, `${flags.server}.ndjson`);
const recorded = [];
for (const each of listCases(flags.model)) {
  const exchange = await record(each);
  recorded.push(exchange);
  const bytes = exchange.reads.reduce(
    (sum, [, slice]) => sum + Buffer.from(slice.base64 ?? slice, slice.base64 ? "base64" : "utf8").length,
    0,
  );
  console.error(`${exchange.case}: ${exchange.status ?? "no answer"}, ${bytes} bytes, ${exchange.closedBy}`);
}
if (flags.compare) process.exitCode = compare() ? 0 : 1;
else {
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(file, recorded.map((exchange) => `${JSON.stringify(exchange)}\n`).join(""));
  console.log(`${recorded.length} exchanges in ${file}`);
}

/** The questions: every route with what has turned out to differ between servers. */
function listCases(model) {
  const prompt = "The capital of France is";
  const messages = [{ role: "user", content: "Say hello" }];
  const stream = { model, temperature: 0, stream: true };
  const usage = { stream_options: { include_usage: true } };
  const post = (name, path, body, rest = {}) => ({ name, method: "POST", path, body, ...rest });
  const get = (path) => ({ name: `get${path.replaceAll("/", "-")}`, method: "GET", path });
  const [completions, chat] = ["/v1/completions", "/v1/chat/completions"];
  return [
    ...["/health", "/v1/models", "/metrics", "/slots", "/props", "/info", "/api/version", "/api/tags"].map(get),
    post("completions-stream", completions, { ...stream, prompt, max_tokens: 8 }),
    post("completions-stream-usage", completions, { ...stream, ...usage, prompt, max_tokens: 8 }),
    post("completions-nostream", completions, { ...stream, stream: false, prompt, max_tokens: 8 }),
    post("completions-stop", completions, { ...stream, prompt: "1 2 3 4", max_tokens: 32, stop: [" 7"] }),
    post("completions-n2", completions, { ...stream, temperature: 1, seed: 7, prompt, max_tokens: 4, n: 2 }),
    post("completions-emoji-cut", completions, { ...stream, prompt: "🚀🎉".repeat(5), max_tokens: 10 }),
    post("chat-stream", chat, { ...stream, messages, max_tokens: 12 }),
    post("chat-stream-usage", chat, { ...stream, ...usage, messages, max_tokens: 12 }),
    post("chat-nostream", chat, { ...stream, stream: false, messages, max_tokens: 12 }),
    post("chat-eos", chat, {
      ...stream,
      messages: [{ role: "user", content: "Reply with the single word yes" }],
      max_tokens: 200,
    }),
    post("responses-stream", "/v1/responses", { ...stream, input: "Say hello", max_output_tokens: 8 }),
    post("anthropic-stream", "/v1/messages", { ...stream, messages, max_tokens: 8 }),
    post("native-completion-stream", "/completion", { prompt, n_predict: 8, temperature: 0, stream: true }),
    post("generate-stream", "/api/generate", { model, prompt, options: { num_predict: 8, temperature: 0, seed: 1 } }),
    post("generate-nostream", "/api/generate", {
      model,
      prompt,
      stream: false,
      options: { num_predict: 8, temperature: 0 },
    }),
    post("ollama-chat-stream", "/api/chat", { model, messages, options: { num_predict: 8, temperature: 0 } }),
    post("err-not-json", completions, "not json"),
    post("err-no-prompt", completions, { model, stream: true }),
    post("err-no-messages", chat, { model, stream: true }),
    post("err-bad-type", chat, { ...stream, messages, max_tokens: "many" }),
    post("err-bad-temp", chat, { ...stream, messages, max_tokens: 4, temperature: -5 }),
    post("err-bad-model", chat, { ...stream, model: "nope", messages, max_tokens: 4 }),
    post("err-context-overflow", completions, { ...stream, prompt: "word ".repeat(50_000), max_tokens: 4 }),
    post("err-404", "/execute", { job_id: "a", prompt: "Hi", max_tokens: 4 }),
    post(
      "cancel-close",
      completions,
      { ...stream, temperature: 1, prompt: "Once upon a time", max_tokens: 1500 },
      { leaveAfterReads: 5 },
    ),
  ];
}

/** One exchange on its own connection. */
function record({ name, method, path, body, leaveAfterReads = Infinity }) {
  const { hostname, port, protocol } = new URL(flags.url);
  const content = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${hostname}`, "Accept: */*", "Connection: close"];
  if (body !== undefined) head.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(content)}`);
  const reads = [];
  const startedAtMs = performance.now();
  return new Promise((resolve) => {
    let byteCount = 0;
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(port || (protocol === "http:" ? 80 : 443)),
    });
    const finish = (closedBy) => {
      socket.destroy();
      const status =
        Number(/^HTTP\/1\.[01] (\d{3})/.exec(Buffer.concat(reads.map(([, bytes]) => bytes)).toString("latin1"))?.[1]) ||
        null;
      const shown =
        typeof body?.prompt === "string" && body.prompt.length > 2_000
          ? { ...body, prompt: `${body.prompt.slice(0, 20)}…` }
          : body;
      const kept = reads.map(([atMs, bytes]) => [atMs, toText(bytes)]);
      resolve({ case: name, method, path, body: shown ?? null, status, closedBy, reads: kept });
    };
    socket.setTimeout(TIMEOUT_MS, () => finish("timeout"));
    const timer = setTimeout(() => finish("timeout"), TIMEOUT_MS);
    socket.on("close", () => clearTimeout(timer));
    socket.on("error", (error) => finish(error.code ?? "error"));
    socket.on("end", () => finish("server-fin"));
    socket.on("data", (bytes) => {
      reads.push([Math.round((performance.now() - startedAtMs) * 1000) / 1000, bytes]);
      byteCount += bytes.length;
      if (byteCount > MOST_BYTES) finish("too-large");
      else if (reads.length >= leaveAfterReads) finish("client-close");
    });
    socket.write(`${head.join("\r\n")}\r\n\r\n${content}`);
  });
}

function toText(bytes) {
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString("base64") };
}

/** Prints what differs in status, content type and fields. Returns whether nothing does. */
function compare() {
  if (!existsSync(file)) throw new Error(`no recording: ${file}`);
  const before = new Map(
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => [JSON.parse(line).case, JSON.parse(line)]),
  );
  const differences = recorded.flatMap((exchange) => {
    const old = before.get(exchange.case);
    return old === undefined
      ? []
      : differ(describeShape(old), describeShape(exchange)).map((text) => `${exchange.case}: ${text}`);
  });
  for (const difference of differences) console.log(difference);
  console.log(differences.length === 0 ? "nothing differs" : `${differences.length} differences`);
  return differences.length === 0;
}

function differ(old, now) {
  const gone = [...old].filter((entry) => !now.has(entry)).map((entry) => `no longer ${entry}`);
  return [...gone, ...[...now].filter((entry) => !old.has(entry)).map((entry) => `new: ${entry}`)];
}

/** Status, content type, and the paths of all fields of all messages. */
function describeShape({ status, reads }) {
  const text = reads
    .map(([, slice]) => (typeof slice === "string" ? slice : Buffer.from(slice.base64, "base64").toString()))
    .join("");
  const shape = new Set([`status ${status}`, `content type ${/^content-type: *([^;\r\n]*)/im.exec(text)?.[1]}`]);
  for (const line of text.split(/\r?\n/)) {
    const json = /^(?:data: ?)?(\{.*\}|\[DONE\])\s*$/.exec(line)?.[1];
    if (json === "[DONE]") shape.add("[DONE]");
    else if (json !== undefined) addFields(shape, parseOrNothing(json), "");
  }
  return shape;
}

function addFields(shape, value, path) {
  if (Array.isArray(value)) for (const item of value) addFields(shape, item, `${path}[]`);
  else if (typeof value === "object" && value !== null)
    for (const [name, field] of Object.entries(value)) addFields(shape, field, `${path}.${name}`);
  else shape.add(`field ${path}`);
}

function parseOrNothing(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
