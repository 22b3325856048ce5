import { expect, test } from "vitest";
import type { HEALTH_FAULTS } from "../../src/faults/health-faults.js";
import { Control } from "../support/control.js";
import { execute, health, readEvents, typesOf } from "../support/requests.js";
import { startWorker, type WorkerProcess } from "../support/worker-process.js";

type Check = (worker: WorkerProcess, control: Control) => Promise<void>;

const CHECKS: Readonly<Record<(typeof HEALTH_FAULTS)[number], Check>> = {
  hangs: async (worker, control) => {
    const [key = ""] = await control.arm({ id: "hangs", times: 1 });
    const leaving = new AbortController();
    const hanging = fetch(`${worker.url}/health`, { signal: leaving.signal });
    await control.waitForFired(key);
    expect(typesOf(await readEvents(await execute(worker))).at(-1)).toBe("end");
    expect(await health(worker)).toMatchObject({ status: "healthy" });
    leaving.abort();
    await expect(hanging).rejects.toThrow("aborted");
  },
  flaps: async (worker, control) => {
    const [key = ""] = await control.arm({ id: "flaps" });
    const statuses: number[] = [];
    for (let round = 0; round < 4; round++) {
      const response = await fetch(`${worker.url}/health`);
      statuses.push(response.status);
      expect(await response.json()).toMatchObject({ status: response.ok ? "healthy" : "unhealthy" });
    }
    expect(statuses).toEqual([200, 503, 200, 503]);
    const bypassed = { "it was the turn of a healthy answer": 2 };
    expect(await control.account(key)).toMatchObject({ matched: 4, fired: 2, bypassed });
  },
  "wrong-identity": async (worker, control) => {
    const [key = ""] = await control.arm({ id: "wrong-identity", when: { nth: 1 } });
    const workerId = worker.line("ready")["worker_id"] as string;
    expect(await health(worker)).toMatchObject({ status: "healthy", worker_id: `not-${workerId}` });
    expect(await health(worker)).toMatchObject({ worker_id: workerId });
    expect(await control.account(key)).toMatchObject({ matched: 1, fired: 1, skipped: 1 });
  },
};

test.each(Object.entries(CHECKS))("%s", async (_id, check) => {
  const worker = await startWorker();
  await check(worker, new Control(worker));
});

test("a hanging answer does not prevent the worker from stopping", async () => {
  const worker = await startWorker();
  const control = new Control(worker);
  const [key = ""] = await control.arm({ id: "hangs" });
  const hanging = expect(fetch(`${worker.url}/health`)).rejects.toThrow();
  await control.waitForFired(key);
  worker.signal("SIGTERM");
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  await hanging;
});
