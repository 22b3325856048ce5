// The body of a test that never ends by itself within the time of a kill: it launches a worker with a child that has left the
// group, writes all pids into the file that HELD_FILE names, and waits, or spins without yielding if HELD_MODE is "busy".
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launchWorker, resolveLaunchOptions } from "../../../../dist/launch/index.js";

/** Bounds the test, should nobody kill it. */
const HOLD_MS = 60_000;
const worker = fileURLToPath(new URL("../../../workers/escapes-group.mjs", import.meta.url));

export async function holdWorkers() {
  const ready = { kind: "log", pattern: /listening on port (?<port>\d+)/ };
  const launched = await launchWorker(resolveLaunchOptions({ command: process.execPath, args: [worker], ready }));
  const [, escaped] = /escaped (\d+)/.exec(launched.logs.text());
  appendFileSync(
    process.env.HELD_FILE,
    `${JSON.stringify({ pool: process.pid, workers: [launched.pid, Number(escaped)] })}\n`,
  );
  if (process.env.HELD_MODE === "busy") {
    for (const end = Date.now() + HOLD_MS; Date.now() < end;);
  }
  await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
}
