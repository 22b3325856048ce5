// #region profile
import { expect, test } from "vitest";
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { assertMeets, runLoad } from "inference-testkit/load";

test("40 requests per second with random arrivals are answered in time", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 16, stub: { timing: { ttftMs: 30, itlMs: 5 } } });

  const result = await runLoad(worker, {
    profile: { kind: "poisson", ratePerSec: 40 },
    requests: (index) => makeTestRequest(`job-${index}`, "Write a story", 20),
    stop: { count: 80 },
    warmup: { count: 10 },
    seed: 7,
    slo: { ttftMs: 1000, e2eMs: 3000 },
  });

  assertMeets(result, { ttft: { p90: 500 }, tpot: { p50: 50 }, goodputRatio: 0.99, errors: 0 });
  expect(result.counts).toEqual({ attempted: 80, byStatus: { ok: 80 } });
});
// #endregion
