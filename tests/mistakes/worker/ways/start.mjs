// Mistakes before the first job: process, port, readiness, identity.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { json } from "../worker.mjs";

/** A file with a fixed name, which the workers of one test process share. */
const shareFile = (name) => join(tmpdir(), `mistaken-worker-${process.ppid}.${name}`);
const forever = () => new Promise(() => setInterval(() => undefined, 1_000));

/** Lets another process answer on the port of the worker. */
function serveElsewhere(port, id) {
  const program = `require("node:http").createServer((q, r) => r.end(JSON.stringify({ worker_id: "${id}" }))).listen(${port}, "127.0.0.1")`;
  spawn(process.execPath, ["-e", program], { stdio: "ignore" });
}

export const START = {
  "exits-at-start": () => {
    console.error("RuntimeError: model file not found");
    process.exit(1);
  },
  "exits-with-0": () => process.exit(0),
  "aborts-while-loading": (worker) => (worker.load = async () => process.abort()),
  "never-listens": (worker) => (worker.load = forever),
  daemonizes: (worker) => {
    worker.load = async () => {
      serveElsewhere(worker.port, worker.id);
      process.exit(0);
    };
  },
  "own-port": (worker) => (worker.port = 0),
  "other-loopback-address": (worker) => (worker.host = "127.0.0.2"),
  "all-addresses": (worker) => (worker.host = "0.0.0.0"),
  "metrics-on-all-addresses": (worker) => {
    worker.onReady = () => new Promise((resolve) => createServer().listen(0, "0.0.0.0", resolve));
  },
  "listens-and-never-answers": (worker) => (worker.answerHealth = () => undefined),
  "closes-every-connection": (worker) => (worker.answerHealth = (response) => response.destroy()),
  "health-503-forever": (worker) => (worker.answerHealth = (response) => json(response, 503, worker.health())),
  "no-health": (worker) => (worker.answerHealth = (response) => json(response, 404, {})),
  "health-redirects": (worker) =>
    (worker.answerHealth = (response) => response.writeHead(301, { location: "/healthz" }).end()),
  "health-is-plain-text": (worker) => (worker.answerHealth = (response) => response.end("OK")),
  "other-worker-id": (worker) => (worker.id = "worker-1"),
  "no-worker-id": (worker) => {
    const { health } = worker;
    worker.health = () => ({ ...health.call(worker), worker_id: undefined });
  },
  "ready-before-loaded": (worker) => {
    worker.execute = ({ response }) => json(response, 503, { code: "LOADING", message: "loading the model" });
  },
  "unhealthy-200": (worker) => {
    const { health } = worker;
    worker.health = () => ({ ...health.call(worker), status: "unhealthy" });
  },
  "crashes-after-ready": (worker) => {
    worker.onReady = async () => void sleep(100).then(() => process.abort());
  },
  "quits-after-ready": (worker) => {
    worker.onReady = async () => void sleep(100).then(() => process.exit(0));
  },
  "one-instance": () => {
    const path = shareFile("lock");
    try {
      writeFileSync(path, "", { flag: "wx" });
    } catch {
      console.error(`another instance is running: ${path} exists`);
      process.exit(1);
    }
    process.on("exit", () => rmSync(path, { force: true }));
  },
  "kills-the-other": () => {
    const path = shareFile("pid");
    if (existsSync(path)) process.kill(Number(readFileSync(path, "utf8")), "SIGKILL");
    writeFileSync(path, String(process.pid));
    process.on("exit", () => rmSync(path, { force: true }));
  },
};
