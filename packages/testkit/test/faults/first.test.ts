import { expect, test } from "vitest";
import { collectStream, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";

test("transparent, then rst after token 3", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await using proxy = await FaultProxy.inFrontOf(worker);
  const direct = await collectStream(await worker.execute(makeTestRequest("a", "Hello", 10)));
  const through = await collectStream(await proxy.worker.execute(makeTestRequest("b", "Hello", 10)));
  expect(through.outcome.status).toBe("complete");
  expect(through.events.length).toBe(direct.events.length);
  expect((await proxy.worker.health()).status).toBe("healthy");

  const handle = proxy.faults.arm([{ id: "rst", at: { afterTokens: 3 } }]);
  const broken = await collectStream(await proxy.worker.execute(makeTestRequest("c", "Hello", 10)));
  expect(broken.outcome).toMatchObject({ status: "transport-error", code: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/) });
  expect(broken.events.filter(({ type }) => type === "token")).toHaveLength(3);
  proxy.faults.disarm(handle);
  expect(proxy.faults.accounts()).toMatchObject([{ key: "rst#1", matched: 1, fired: 1 }]);
});
