import { assertSuccessfulCompletion, makeTestRequest, WorkerTestHarness, waitForIdle } from "inference-testkit";
import { test } from "vitest";
// #region time-outs
import { collectStream } from "inference-testkit";

const LONG_PROMPT = { firstTokenMs: 120_000, totalMs: 600_000 };

test("a long prompt", { timeout: 700_000 }, async () => {
  await using worker = await WorkerTestHarness.startMock({
    readyTimeoutMs: 60_000, // until it can serve
    stopGraceMs: 10_000, // from SIGTERM to SIGKILL
    timeouts: { tokenIdleMs: 5_000 }, // of every stream of this worker
  });

  const response = await worker.execute(makeTestRequest("job-1", "Hello", 8), { timeouts: LONG_PROMPT });
  assertSuccessfulCompletion(await collectStream(response));
  await waitForIdle(worker, { timeoutMs: 2_000 });
});
// #endregion
