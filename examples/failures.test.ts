// #region failures
import { expect, test } from "vitest";
import { collectStream, isTestkitError, makeTestRequest, WorkerTestHarness } from "inference-testkit";

test("running out of memory ends only that job", async () => {
  await using worker = await WorkerTestHarness.startMock({
    stub: { faults: [{ id: "vram-oom", at: { afterTokens: 3 } }] },
  });

  const { outcome, events } = await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 10)));

  expect(outcome).toMatchObject({ status: "worker-error", terminal: { code: "VRAM_OOM", retriable: true } });
  expect(events.filter((event) => event.type === "token")).toHaveLength(3);
  expect((await worker.health()).status).toBe("healthy");
});

test("a rejected request has a reason", async () => {
  await using worker = await WorkerTestHarness.startMock();

  const response = await worker.execute(makeTestRequest("job-1", "", 10));

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ field: "prompt", constraint: "non_empty" }] });
});

test("a worker that cannot start reports the reason", async () => {
  const error: unknown = await WorkerTestHarness.start("no-such-model.gguf", -1).catch((cause: unknown) => cause);

  expect(isTestkitError(error, "PROCESS_DIED") && error.message).toContain("MODEL_LOAD_FAILED");
});
// #endregion
