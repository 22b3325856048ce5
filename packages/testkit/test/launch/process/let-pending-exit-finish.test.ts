import { describe, expect, test } from "vitest";
import { letPendingExitFinish, readThreads } from "../../../src/launch/process/let-pending-exit-finish.js";
import { launch, waitUntil, workerOptions } from "../helpers.js";

const onLinux = process.platform === "linux";
const ready = { kind: "http" } as const;
const probe = async ({
  host,
  port,
  path,
  signal,
}: {
  host: string;
  port: number;
  path: string;
  signal: AbortSignal;
}) => {
  await (await fetch(`http://${host}:${port}${path}`, { signal })).text();
};
const spins = (...args: string[]) => launch(workerOptions(["spins", "{port}", ...args], { ready }), { probe });

describe.skipIf(!onLinux)("letPendingExitFinish()", () => {
  test("treats a thread that has computed since the worker was ready as idle", async () => {
    const worker = await spins();
    const atReady = readThreads(worker.pid);
    await waitUntil(() => performance.now() - atReady!.atMs > 500);
    expect(await letPendingExitFinish(worker, atReady)).toBe("idle");
  });

  test("waits up to the limit for an unknown thread", async () => {
    const worker = await spins();
    expect(await letPendingExitFinish(worker)).toBe("still-busy");
  });

  test("waits for a worker that exits after its last answer next to a spinning thread", async () => {
    for (let run = 1; run <= 8; run += 1) {
      const worker = await spins("exits");
      const atReady = readThreads(worker.pid);
      if (run % 2 === 0) await waitUntil(() => performance.now() - atReady!.atMs > 500);
      await (await fetch(`http://${worker.host}:${worker.port}/work`)).text();
      expect(await letPendingExitFinish(worker, atReady), `run ${run}`).toBe("ended");
      expect(worker.exitInfo).toEqual({ kind: "exited", code: 1 });
    }
  });

  test("does not wait for an ended process", async () => {
    const worker = await launch(workerOptions(["ready-line"]));
    process.kill(worker.pid, "SIGKILL");
    await worker.exited;
    expect(await letPendingExitFinish(worker)).toBe("ended");
  });
});
