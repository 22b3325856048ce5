import { spawn } from "node:child_process";
import { end, serve, started, token } from "./tiny-worker.mjs";

const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')";
const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
// A child that is not deaf yet would end with its worker.
child.stdout.once("data", () => serve((job) => [started(job), token("hi", 0), end(1, "eos")]));
