// #region cut
import { expect, test } from "vitest";
import { collectStream, extractTokens, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";

test("a connection is reset after the third token", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await using proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "rst", at: { afterTokens: 3 } }] });

  const { outcome, events } = await collectStream(await proxy.worker.execute(makeTestRequest("job-1", "Hello", 10)));

  expect(outcome.status).toBe("transport-error");
  expect(extractTokens(events)).toHaveLength(3);
});
// #endregion

// #region retry
test("the second request succeeds when the first was refused", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await using proxy = await FaultProxy.inFrontOf(worker);
  proxy.faults.arm([{ id: "status", code: 503, retryAfter: 1, when: { nth: 1 } }]);

  const refused = await proxy.worker.execute(makeTestRequest("job-1", "Hello", 10));
  const accepted = await proxy.worker.execute(makeTestRequest("job-1", "Hello", 10));

  expect([refused.status, refused.headers["retry-after"], accepted.status]).toEqual([503, "1", 200]);
  expect(proxy.faults.accounts()).toMatchObject([{ key: "status#1", matched: 1, fired: 1, skipped: 1 }]);
});
// #endregion

// #region journal
test("the journal records what was sent", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await using proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "limit-bytes", bytes: 200 }] });

  const { outcome } = await collectStream(await proxy.worker.execute(makeTestRequest("job-1", "Hello", 10)));
  const sent = proxy.journal.ofJob("job-1").flatMap((entry) => (entry.kind === "write" ? [entry.bytes] : []));

  expect(outcome).toMatchObject({ status: "transport-error", byteOffset: 200 });
  expect(sent.reduce((sum, bytes) => sum + bytes)).toBe(200);
});
// #endregion
