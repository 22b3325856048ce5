// #region arm
import { expect, test } from "vitest";
import { assertAllOk, collectStream, isTestkitError, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { assertRecovers, hostFault } from "inference-testkit/faults";

const SLOW = { stub: { timing: { itlMs: 20 } } };

test("a job that runs out of memory does not affect other jobs", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 5 }, match: { jobId: "unlucky" } }]);

  const unlucky = await collectStream(await worker.execute(makeTestRequest("unlucky", "Hello", 20)));

  expect(unlucky.outcome).toMatchObject({ status: "worker-error", terminal: { code: "VRAM_OOM" } });
  assertAllOk(await worker.executeAll([makeTestRequest("next", "Hello", 20)]));
});
// #endregion

// #region ledger
test("the ledger reports what happened to every fault", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const [key] = await worker.faults.arm([{ id: "slow", itlMs: 10, when: { every: 2 } }]);

  await worker.executeAll([1, 2, 3, 4].map((n) => makeTestRequest(`job-${n}`, "Hello", 5)));

  expect(await worker.faults.accounts()).toMatchObject([{ key, matched: 2, fired: 2, skipped: 2, bypassed: {} }]);
});
// #endregion

// #region never-fired
test("a fault that cannot happen fails the test, with the reason", async () => {
  const worker = await WorkerTestHarness.startMock();
  await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 10 } }]);
  await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 5)));

  const error: unknown = await worker.stop().catch((cause: unknown) => cause);

  expect(isTestkitError(error, "FAULT_NEVER_FIRED")).toBe(true);
});
// #endregion

// #region journal
test("the stub can be reconfigured, and its journal records what it sent", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await worker.stub.configure({ content: { script: ["Hello", " world"] } });

  await collectStream(await worker.execute(makeTestRequest("job-1", "Hi", 10)));

  const [job] = (await worker.journal("job-1")).jobs;
  const writes = job!.entries.filter(({ kind }) => kind === "write");
  expect(writes.map(({ event }) => event)).toEqual(["started", "token", "token", "end"]);
});
// #endregion

// #region process
test("a worker is killed in the middle of a stream", async () => {
  await using worker = await WorkerTestHarness.startMock(SLOW);
  await worker.faults.arm([{ id: "kill", signal: "SIGKILL", at: { afterTokens: 3 } }]);

  const { outcome } = await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 200)));

  expect(outcome.status).toBe("transport-error");
  expect(await worker.waitForExit()).toEqual({ kind: "signalled", signal: "SIGKILL" });
});

test("a worker is paused for a moment", async () => {
  await using worker = await WorkerTestHarness.startMock(SLOW);
  await worker.faults.arm([{ id: "pause", forMs: 100, at: { afterTokens: 3 } }]);

  const { outcome } = await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 20)));

  expect(outcome.status).toBe("complete");
});
// #endregion

// #region restart
test("a worker restarts on the same port", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const { port } = worker;
  worker.kill("SIGKILL");

  const readyAfterMs = await worker.restart();

  expect(worker.port).toBe(port);
  expect(readyAfterMs).toBeGreaterThan(0);
  expect(worker.previousLogs).toHaveLength(1);
});
// #endregion

// #region host
test("a worker has a low limit of open files", async (context) => {
  const limit = hostFault("open-files-limit", { limit: 64 });
  if (limit.status === "missing") return context.skip(limit.reason);
  await using worker = await WorkerTestHarness.startMock({ hostFaults: [limit], parallel: 4 });

  assertAllOk(await worker.executeAll([1, 2, 3, 4].map((n) => makeTestRequest(`job-${n}`, "Hello", 10))));
});
// #endregion

// #region recovery
test("a worker that is killed serves again within ten seconds", async () => {
  await using worker = await WorkerTestHarness.startMock(SLOW);

  const { recoveredAfterMs, faultOutcome } = await assertRecovers(
    worker,
    { id: "kill", at: { afterTokens: 3 } },
    { withinMs: 10_000, recover: () => worker.restart() },
  );

  expect(faultOutcome?.status).toBe("transport-error");
  expect(recoveredAfterMs).toBeLessThan(10_000);
});
// #endregion
