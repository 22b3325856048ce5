// #region profile
import { expect, test } from "vitest";
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { assertMeets, judgeLimits, runLoad } from "inference-testkit/load";

test("40 requests per second with random arrivals are answered in time", async (context) => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 16, stub: { timing: { ttftMs: 30, itlMs: 5 } } });

  const result = await runLoad(worker, {
    profile: { kind: "poisson", ratePerSec: 40 },
    requests: (index) => makeTestRequest(`job-${index}`, "Write a story", 20),
    stop: { count: 80 },
    warmup: { count: 10 },
    seed: 7,
    slo: { ttftMs: 2000, e2eMs: 10_000 },
  });

  const limits = { ttft: { p90: 2000 }, tpot: { p50: 200 }, goodputRatio: 0.99, errors: 0 };
  const { status, validity } = judgeLimits(result, limits);
  // On a machine that is too busy for the client, the run measures the client: neither a pass nor a failure of the worker.
  if (status === "invalid") return context.skip(validity.reasons.map(({ message }) => message).join("; "));
  assertMeets(result, limits);
  expect(result.counts).toEqual({ attempted: 80, byStatus: { ok: 80 } });
});
// #endregion
