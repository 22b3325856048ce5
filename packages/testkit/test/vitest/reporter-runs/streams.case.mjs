import { describe } from "vitest";
import { collectStream, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

const ask = async (worker, jobId) => collectStream(await worker.execute(makeTestRequest(jobId, "Hello", 10)));

describe("streams", () => {
  test("every token has the next index (1 + 1)", async ({ worker }) => {
    await worker.faults.arm([{ id: "index-gap", at: { afterTokens: 4 }, match: { jobId: "job-2" } }]);
    expect(await ask(worker, "job-1")).toHaveEventOrder();
    expect(await ask(worker, "job-2")).toHaveEventOrder();
  });

  test("completes", async ({ mockWorker }) => {
    expect(await ask(mockWorker, "job-1")).toHaveEventOrder();
  });

  test("a fault that never fires", async ({ mockWorker }) => {
    await mockWorker.faults.arm([{ id: "vram-oom", at: { afterTokens: 400 } }]);
    await ask(mockWorker, "job-1");
  });

  let attempt = 0;
  test("passes at last", { retry: 1 }, async ({ mockWorker }) => {
    attempt += 1;
    expect(await ask(mockWorker, "job-1")).toHaveTokenCount(attempt === 1 ? 9 : 10);
  });

  test.skip("later", () => undefined);
});

describe("with evidence of its own", () => {
  test.override("evidence", { redact: true });
  test("fails", async ({ mockWorker }) => {
    expect(await ask(mockWorker, "job-secret")).toHaveTokenCount(11);
  });
});
