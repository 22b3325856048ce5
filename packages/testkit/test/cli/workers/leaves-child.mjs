import { spawn } from "node:child_process";
import { end, serve, started, token } from "./tiny-worker.mjs";

spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "ignore" });
serve((job) => [started(job), token("hi", 0), end(1, "eos")]);
