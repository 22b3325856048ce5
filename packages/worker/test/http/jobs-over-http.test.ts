import { describe, expect, test, afterAll, beforeAll } from "vitest";
import { execute, post, readEvents, waitForSlots } from "../support/requests.js";
import { startSharedWorker, startWorker, stub, type WorkerProcess } from "../support/worker-process.js";
import { expectError } from "../support/expect-error.js";

let worker: WorkerProcess;
beforeAll(async () => {
  worker = await startSharedWorker();
});
afterAll(() => worker.stop());

describe("the correlation id", () => {
  const UUID = "0B15D7C1-39E6-4B0E-8A1F-0123456789AB";

  test.each(["/health", "/metrics", "/nowhere", "/execute"])("of the client is returned by %s", async (path) => {
    const response = await fetch(worker.url + path, { headers: { "x-correlation-id": UUID } });
    await response.arrayBuffer();
    expect(response.headers.get("x-correlation-id")).toBe(UUID);
  });

  test.each(["", "abc", `${UUID}0`, `${UUID}, ${UUID}`, "g".repeat(36)])(
    "%j is replaced by a new UUID",
    async (given) => {
      const response = await fetch(`${worker.url}/health`, { headers: { "x-correlation-id": given } });
      await response.arrayBuffer();
      expect(response.headers.get("x-correlation-id")).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    },
  );

  test("is on the stream and in the log lines of the job", async () => {
    const response = await execute(worker, { job_id: "correlated" }, { headers: { "x-correlation-id": UUID } });
    expect(response.headers.get("x-correlation-id")).toBe(UUID);
    await readEvents(response);
    await expect
      .poll(() => worker.lines.filter((line) => line["correlation_id"] === UUID).map((line) => line["event"]))
      .toEqual(["execute_start", "execute_end"]);
  });
});

describe("when the slots are busy", () => {
  test("QUEUE_FULL, DUPLICATE_JOB, and the queue in order", async () => {
    const slow = await startWorker(["--max-queue", "1", ...stub({ content: "counter", timing: { itlMs: 10 } })]);
    const first = await execute(slow, { job_id: "a", max_tokens: 2000 });
    const second = await execute(slow, { job_id: "b" });
    for (const job_id of ["a", "b"]) await expectError(await execute(slow, { job_id }), "DUPLICATE_JOB");
    const { message } = await expectError(await execute(slow, { job_id: "c" }), "QUEUE_FULL");
    expect(message).toBe("all 1 slots are busy and 1 jobs are waiting");
    await post(`${slow.url}/cancel/a`, {});
    expect((await readEvents(first)).at(-1)).toMatchObject({ code: "CANCELLED" });
    expect((await readEvents(second)).at(-1)).toMatchObject({ type: "end" });
    await readEvents(await execute(slow, { job_id: "a" }));
  });

  test("a job that failed to be admitted leaves its id free", async () => {
    const slow = await startWorker(["--max-queue", "0", ...stub({ timing: { itlMs: 10 } })]);
    const first = await execute(slow);
    await expectError(await execute(slow, { job_id: "late" }), "QUEUE_FULL");
    await readEvents(first);
    expect((await readEvents(await execute(slow, { job_id: "late" }))).at(-1)).toMatchObject({ type: "end" });
  });
});

test("a job that runs too long ends with INFERENCE_TIMEOUT", async () => {
  const slow = await startWorker([
    "--inference-timeout-sec",
    "0.1",
    ...stub({ faults: [{ id: "hang", at: { afterTokens: 1 } }] }),
  ]);
  const events = await readEvents(await execute(slow));
  expect(events.at(-1)).toMatchObject({ type: "error", code: "INFERENCE_TIMEOUT", retriable: true });
  await waitForSlots(slow, 0);
});
