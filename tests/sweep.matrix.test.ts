import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { runLoad } from "inference-testkit/load";
import { expect, test } from "vitest";

/** Long enough that a pause of a busy machine does not double it. */
const SERVICE_MS = 400;
const SLOTS = 4;

test("the knee of a worker is where the clients just fill its slots", { timeout: 120_000 }, async () => {
  const timing = { ttftMs: SERVICE_MS, itlMs: 0 };
  await using worker = await WorkerTestHarness.startMock({ parallel: SLOTS, stub: { timing } });

  const { response } = await runLoad(worker, {
    profile: { kind: "concurrency-sweep", clients: [1, SLOTS, 4 * SLOTS] },
    requests: (index) => makeTestRequest(`job-${index}`, "Write a story", 4),
    stop: { count: 4 * SLOTS },
    warmup: { count: SLOTS },
  });

  expect(response?.knee).toMatchObject({ status: "found", step: 1 });
  expect(response?.knee.message).toContain(`knee at ${SLOTS} clients: `);
});
