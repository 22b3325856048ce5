// #region hundred
import { expect, test } from "vitest";
import { assertAllOk, assertOutcomes, makeTestRequest, WorkerTestHarness, type JobItem } from "inference-testkit";

test("a hundred requests at once, ten cancelled, ninety complete", async () => {
  await using worker = await WorkerTestHarness.startMock({
    parallel: 8,
    maxQueue: 100,
    stub: { timing: { itlMs: 2 } },
  });
  const request = (index: number, tokens: number) => makeTestRequest(`job-${index}`, `Prompt ${index}`, tokens);
  const alone = await worker.executeAll(
    Array.from({ length: 100 }, (_, index) => request(index, 5)),
    { concurrency: 1 },
  );
  assertAllOk(alone);

  const outcomes = await worker.executeAll(
    Array.from({ length: 100 }, (_, index): JobItem => {
      if (index % 10 !== 0) return request(index, 5);
      return { request: request(index, 2000), cancelAfter: { tokens: 3 } };
    }),
  );

  const ninety = outcomes.filter(({ index }) => index % 10 !== 0);
  assertAllOk(ninety);
  for (const { index, tokens } of ninety) expect(tokens).toEqual(alone[index]!.tokens);
  assertOutcomes(outcomes, { ok: 90, cancelled: 10 });
});
// #endregion

// #region outcomes
test("a full queue is an outcome, not an exception", async () => {
  await using worker = await WorkerTestHarness.startMock({ maxQueue: 2, stub: { timing: { itlMs: 5 } } });
  const jobs = Array.from({ length: 5 }, (_, index) => makeTestRequest(`job-${index}`, "Hello", 100));

  const outcomes = await worker.executeAll(jobs);

  const refused = outcomes.filter((outcome) => outcome.status === "http-error");
  expect(refused).toHaveLength(2); // one runs, two wait
  for (const { httpStatus, code, retryAfterSeconds } of refused) {
    expect([httpStatus, code, retryAfterSeconds]).toEqual([503, "QUEUE_FULL", 1]);
  }
});
// #endregion

// #region nonces
test("no answer contains a part of another request", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 8, stub: { content: "echo" } });
  const jobs = Array.from({ length: 50 }, (_, index) => makeTestRequest(`job-${index}`, "Repeat after me:", 20));

  assertAllOk(await worker.executeAll(jobs, { nonces: true }));
});
// #endregion
