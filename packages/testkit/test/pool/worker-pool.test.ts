import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { collectSseEvents, createWorkerPool, makeTestRequest, WorkerTestHarness } from "../../src/index.js";
import type { MockWorkerOptions, WorkerPool } from "../../src/index.js";
import { isRunning, waitFor } from "../../../../tests/support/conditions.js";
import { errorOf } from "../events/support.js";
import { launchMisbehaving, runJob } from "../findings/support.js";

const pools: WorkerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close().catch(() => undefined)));
});

type Options = Partial<Parameters<typeof createWorkerPool>[0]>;

/** A pool of stubs, which is closed after the test. */
function createPool(options: Options = {}, stub: MockWorkerOptions = {}): WorkerPool {
  const start: Parameters<typeof createWorkerPool>[0]["start"] = ({ signal }) =>
    WorkerTestHarness.startMock({ ...stub, signal });
  const pool = createWorkerPool({ start, ...options });
  pools.push(pool);
  return pool;
}

const run = async (worker: WorkerTestHarness, jobId = "job-1") =>
  collectSseEvents(await worker.execute(makeTestRequest(jobId, "Hello", 3)));

test("each test gets a process of its own by default", async () => {
  const pool = createPool({ spares: 1 });
  const first = await pool.take();
  const { pid } = first.worker;
  await run(first.worker);

  expect(await first.release()).toEqual({ status: "replaced", reason: '`reuse` is "never"' });
  const second = await pool.take();

  expect(second.worker.pid).not.toBe(pid);
  expect(second.isReused).toBe(false);
  await waitFor("the end of the first worker", () => (isRunning(pid as number) ? undefined : true));
});

test("spares are ready before a test asks", async () => {
  const pool = createPool({ spares: 2 });
  await waitFor("two starts", () => (pool.startCount === 2 ? true : undefined));
  const leases = await Promise.all([pool.take(), pool.take()]);

  expect(new Set(leases.map(({ worker }) => worker.pid)).size).toBe(2);
  await waitFor("two more starts", () => (pool.startCount === 4 ? true : undefined));
});

test("50 tests on one worker start it once", async () => {
  const pool = createPool({ reuse: "clean" });
  for (let index = 0; index < 50; index += 1) {
    const lease = await pool.take({ test: `test ${index}` });
    await run(lease.worker, `job-${index}`);
    expect(await lease.release()).toEqual({ status: "kept" });
  }
  expect(pool.startCount).toBe(1);
});

test.each<[what: string, reason: string | RegExp, change: (worker: WorkerTestHarness) => Promise<unknown>]>([
  ["a restart", "the test restarted it", (worker) => worker.restart()],
  [
    "a configuration",
    "the test changed the configuration of its stub",
    (worker) => worker.stub.configure({ timing: { itlMs: 1 } }),
  ],
  ["a stop", "the test stopped it", (worker) => worker.stop()],
  [
    "an armed fault",
    "the fault `vram-oom` was armed",
    (worker) => worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 5 }, optional: true }]),
  ],
  [
    "a signal",
    "the test sent its process a signal, or asked it to end",
    (worker) => {
      worker.kill("SIGWINCH");
      return Promise.resolve();
    },
  ],
  [
    "a job that still runs",
    /^it is not idle: \[IDLE_TIMEOUT\] after 1000 ms 1 of 1 slots are still busy/,
    async (worker) => {
      await worker.execute(makeTestRequest("job-1", "Hello", 2048));
    },
  ],
])("a worker is replaced after %s, with the reason", async (...[, reason, change]) => {
  const pool = createPool({ reuse: "clean" }, { stub: { timing: { itlMs: 100 } } });
  const first = await pool.take();
  await change(first.worker);

  const report = await first.release();
  expect(report.status).toBe("replaced");
  if (typeof reason === "string") expect(report.reason).toBe(reason);
  else expect(report.reason).toMatch(reason);
  const second = await pool.take();
  expect(second.worker.workerId).not.toBe(first.worker.workerId);
});

test("a worker whose memory has grown is replaced", async () => {
  const pool = createPool({ reuse: "clean", maxGrowthBytes: 1 });
  const { worker, release } = await pool.take();
  await Promise.all(Array.from({ length: 30 }, (_, index) => run(worker, `job-${index}`)));

  const { reason } = await release();
  expect(reason).toMatch(/^its memory has grown by .* more than `maxGrowthBytes` \(1 B\)$/);
});

test("a worker that ended fails the test that had it", async () => {
  const pool = createPool({ reuse: "clean" });
  const { worker, release } = await pool.take();
  process.kill(worker.pid as number, "SIGKILL");
  await waitFor("its end", () => (worker.exitInfo === undefined ? undefined : true));

  expect(await errorOf(release)).toMatchObject({ code: "PROCESS_DIED" });
});

test("a fault that never fired fails the test that armed it", async () => {
  const pool = createPool();
  const { worker, release } = await pool.take();
  await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 5 } }]);

  expect(await errorOf(release)).toMatchObject({ code: "FAULT_NEVER_FIRED" });
});

test("close() reports how a worker shut down behind its test, and names the test", async () => {
  const args = [join(import.meta.dirname, "../workers/ready-then.mjs"), "shuts-down-badly", "{workerId}"];
  const start = () => WorkerTestHarness.launch({ command: process.execPath, args, checkIdentity: false });
  const pool = createPool({ start, spares: 0 });
  const lease = await pool.take({ test: '"leaves a bad end"' });
  expect(await lease.release()).toMatchObject({ status: "replaced" });

  const error = await errorOf(() => pool.close());
  expect(error).toMatchObject({ code: "PROCESS_DIED" });
  expect((error as Error).message).toMatch(
    /^\[PROCESS_DIED\] The worker of "leaves a bad end" failed while it was stopped after the test: /,
  );
});

test("maxWorkers makes tests wait for one another, and the message names who has the worker", async () => {
  const worker = await WorkerTestHarness.startMock();
  const start = () => Promise.resolve(worker);
  const pool = createPool({ start, maxWorkers: 1, reuse: "clean", takeTimeoutMs: 2_000 });
  const first = await pool.take({ test: '"holds it"' });
  const error = await errorOf(() => pool.take({ test: '"wants it"' }));
  expect(error).toMatchObject({ code: "POOL_TIMEOUT" });
  expect((error as Error).message).toContain('"wants it" got no worker within 2000 ms: 1 taken (by "holds it")');

  const second = pool.take();
  await first.release();
  expect((await second).worker.workerId).toBe(first.worker.workerId);
  expect(pool.startCount).toBe(1);
});

test("a failed start is thrown to the test that waits for it", async () => {
  const pool = createPool({ start: () => Promise.reject(new Error("no program")) });

  expect(await errorOf(() => pool.take())).toMatchObject({ message: "no program" });
  expect(await errorOf(() => pool.take())).toMatchObject({ message: "no program" });
});

test("close() during a start leaves nothing behind", async () => {
  const pool = createPool({ spares: 3 });
  await pool.close();

  expect(await errorOf(() => pool.take())).toMatchObject({ code: "INVALID_OPTION" });
});

test("a spare that ends before a test has it is reported and not handed out", async () => {
  const started: WorkerTestHarness[] = [];
  const pool = createPool({
    start: async ({ signal }) => {
      started.push(await WorkerTestHarness.startMock({ signal }));
      return started.at(-1) as WorkerTestHarness;
    },
  });
  const spare = await waitFor("a spare", () => started[0]);
  process.kill(spare.pid as number, "SIGKILL");
  await waitFor("its end", () => (spare.exitInfo === undefined ? undefined : true));

  const { worker } = await pool.take();
  expect(worker.workerId).not.toBe(spare.workerId);
  expect(((await errorOf(() => pool.close())) as Error).message).toContain("The worker of no test (a spare) failed");
});

test.each([
  ["spares", -1],
  ["maxWorkers", 0],
  ["takeTimeoutMs", Infinity],
  ["reuse", "always"],
])("an invalid `%s` is rejected, and nothing is started", (option, value) => {
  const start = () => Promise.reject(new Error("must not be called"));
  expect(() => createWorkerPool({ start, [option]: value })).toThrow(`Expected \`${option}\``);
});

test.each(["clean", "never"] as const)(
  "what was noticed about a worker fails the test that had it (reuse: %s)",
  async (reuse) => {
    let startCount = 0;
    const pool = createPool({
      reuse,
      spares: 0, // the first start is for the first test
      start: () => launchMisbehaving(startCount++ === 0 ? ["other-seed"] : []),
    });
    const first = await pool.take({ test: "the first test" });
    await runJob(first.worker);
    const error = await errorOf(first.release());
    expect(error.message).toContain("[FINDINGS_NOT_ALLOWED] ");
    expect(error.message).toContain("SEED_MISMATCH");

    const second = await pool.take({ test: "the second test" });
    await runJob(second.worker);
    expect(second.worker.pid).not.toBe(first.worker.pid);
    await second.release();
    await pool.close();
  },
);
