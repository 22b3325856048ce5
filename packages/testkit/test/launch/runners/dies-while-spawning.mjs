// Kills itself in the very turn of the event loop in which it has spawned a worker that would escape its group.
import { fileURLToPath } from "node:url";
import { createSpawnPlan } from "../../../dist/launch/start-plan.js";
import { WorkerProcess } from "../../../dist/launch/process/worker-process.js";
import { resolveLaunchOptions } from "../../../dist/launch/index.js";

const worker = fileURLToPath(new URL("../../workers/never-ready.mjs", import.meta.url));
const options = resolveLaunchOptions({ command: process.execPath, args: [worker, process.argv[2]] });
void WorkerProcess.spawn(createSpawnPlan(options, undefined));
process.kill(process.pid, "SIGKILL");
