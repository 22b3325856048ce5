import { expect, test } from "vitest";
import { spawnWorker } from "../support/worker-process.js";

/** Preloads code that breaks the worker from inside when it gets SIGUSR2. */
const breakOnSignal = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${code} })`)}`,
});

test.each([
  ["an uncaught exception", 'throw new Error("boom")', "boom"],
  ["an unhandled rejection", 'Promise.reject(new Error("boom"))', "boom"],
  ["a thrown value that is not an Error", 'Promise.reject("boom")', "boom"],
])("%s ends the worker with exit code 1 and a last JSON line", async (_name, code, message) => {
  const worker = spawnWorker(["--port", "0", "--stub-mode", "--log-level", "error"], { env: breakOnSignal(code) });
  await worker.waitForLine("ready");
  worker.signal("SIGUSR2");
  expect(await worker.exited).toEqual({ code: 1, signal: null });
  expect(worker.lines.at(-1)).toMatchObject({ event: "error", code: "INTERNAL" });
  expect(worker.lines.at(-1)?.["message"]).toContain(message);
  expect(worker.stderr).toBe("");
});
