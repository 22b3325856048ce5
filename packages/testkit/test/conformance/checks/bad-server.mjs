// A server of OpenAI's form with one defect, the name of which is its first argument.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [defect, port, ...files] = process.argv.slice(2);
const model = files[0] === undefined ? "" : readFileOr(files[0]);

function readFileOr(path) {
  if (defect === "ignores-the-model") return "";
  try {
    return readFileSync(path, "utf8");
  } catch {
    console.error(defect === "hides-the-file" ? "cannot load the model" : `cannot read ${path}`);
    process.exit(defect === "exits-with-0" ? 0 : 1);
  }
}
if (files[0] !== undefined && defect !== "ignores-the-model" && !model.startsWith("MODEL ")) {
  console.error(`${files[0]} is not a model`);
  if (defect === "crashes") process.kill(process.pid, "SIGSEGV");
  process.exit(1);
}
if (files[0] !== undefined && defect !== "ignores-the-model" && !model.endsWith(" END")) {
  console.error(`${files[0]} is truncated`);
  process.exit(1);
}

const chunk = (delta, reason = null) =>
  `data: ${JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
const leak = [];
let jobs = 0;

const server = createServer((request, response) => {
  if (request.url === "/health") return void response.end("ok");
  if (request.url === "/v1/models") return void response.end(JSON.stringify({ data: [{ id: "m" }] }));
  if (request.method !== "POST") return void response.writeHead(404).end();
  let text = "";
  request.on("data", (piece) => (text += piece));
  request.on("end", () => {
    jobs += 1;
    if (defect === "fails-first" && jobs === 1) return void response.writeHead(503).end("{}");
    if (defect === "logs-prompts") console.log("request", text);
    if (defect === "leaks") leak.push(Buffer.alloc(2 * 1024 * 1024, 1));
    if (!text.endsWith("}")) return void response.writeHead(400).end("{}");
    const { max_tokens: limit = 16 } = JSON.parse(text);
    response.writeHead(200, { "content-type": "text/event-stream" });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      response.write(chunk({ content: "word " }));
      if (sent < limit) return;
      clearInterval(timer);
      if (defect !== "leaks-files") response.on("close", () => undefined);
      response.end(`${chunk({}, "length")}data: [DONE]\n\n`);
    }, 2);
    const stop = () => {
      clearInterval(timer);
      response.end();
    };
    if (defect === "leaks-files") for (let count = 0; count < 2; count += 1) leak.push(spawnFile());
    if (defect === "ends-cleanly") process.on("SIGTERM", () => (stop(), setTimeout(() => process.exit(0), 50)));
  });
});

function spawnFile() {
  return import("node:fs").then(({ openSync }) => openSync("/dev/null", "r"));
}

if (defect === "ignores-sigterm") process.on("SIGTERM", () => undefined);
if (defect === "exits-with-7") process.on("SIGTERM", () => process.exit(7));
if (defect === "leaves-a-child") spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).unref();
if (defect === "leaves-a-file") writeFileSync(join(process.env.TMPDIR ?? "/tmp", "left"), "x");
server.listen({
  port: Number(port),
  host: defect === "binds-all" ? "0.0.0.0" : "127.0.0.1",
  reusePort: defect === "shares-its-port",
});
server.on("error", (error) => {
  console.error(error.message);
  if (defect !== "waits-for-its-port") process.exit(defect === "exits-with-0-on-taken-port" ? 0 : 1);
});
if (defect === "waits-for-its-port") setInterval(() => undefined, 1000);
