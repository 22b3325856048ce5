// A test runner that starts many workers at the same moment: `many-workers.mjs <mock count> <foreign count>`. The mock workers
// bind port 0, the foreign ones are given a reserved port. Every worker has to prove who it is.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WorkerTestHarness } from "inference-testkit";

const [mockCount, foreignCount] = process.argv.slice(2).map(Number);
const program = fileURLToPath(new URL("../workers/foreign-worker.mjs", import.meta.url));
const readyTimeoutMs = 60_000;
const startForeign = () =>
  WorkerTestHarness.launch({
    command: process.execPath,
    args: [program, "{port}", "{workerId}"],
    ready: { kind: "http" },
    readyTimeoutMs,
  });

console.log("loaded");
await once(process.stdin, "data");
const workers = await Promise.all([
  ...Array.from({ length: mockCount }, () => WorkerTestHarness.startMock({ readyTimeoutMs })),
  ...Array.from({ length: foreignCount }, startForeign),
]);
console.log(`ports ${JSON.stringify(workers.map((worker) => worker.port))}`);
console.log(`pids ${JSON.stringify(workers.map((worker) => worker.pid))}`);
await once(process.stdin, "data");
await Promise.all(workers.map((worker) => worker.stop()));
console.log("stopped");
process.exit(0);
