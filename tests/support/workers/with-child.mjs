// A worker with a helper process: `with-child.mjs <port> <worker id>`.
import { spawn } from "node:child_process";
import { createServer } from "node:http";

const [port, workerId] = process.argv.slice(2);
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
console.log(`child ${child.pid}`);
createServer((_, response) => response.end(JSON.stringify({ worker_id: workerId }))).listen(Number(port), "127.0.0.1");
