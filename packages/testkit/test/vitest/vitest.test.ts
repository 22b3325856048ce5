import { cancelAfter, collectSseEvents, makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

const workers = new Set<string>();

test.override("mockOptions", { parallel: 3, stub: { content: { script: ["a", "}"] } } });

test("options of the file reach the worker", async ({ mockWorker }) => {
  workers.add(mockWorker.workerId);
  const events = await collectSseEvents(
    await mockWorker.execute(makeTestRequest("job-1", "Hello", 5, { stop: ["}"] })),
  );

  expect((await mockWorker.health()).slots.total).toBe(3);
  expect(events).toHaveEventOrder();
  expect(events).toCompleteSuccessfully();
  expect(events).toHaveTokenCount({ max: 1 });
  expect(events).toStopAt("}");
});

test("every test has its own worker", ({ mockWorker }) => {
  expect(workers.has(mockWorker.workerId)).toBe(false);
  expect(workers.size).toBe(1);
});

test("a cancellation is judged", async ({ mockWorker }) => {
  const start = () => mockWorker.execute(makeTestRequest("job-1", "Hello", 3));
  const tooLate = await cancelAfter(await start(), { tokens: 4 });

  expect(tooLate).not.toBeCancelled();
  expect(() => expect(tooLate).toBeCancelled({ withinMs: 1 })).toThrow("[CANCEL_TOO_LATE]");
});

test("matchers fail, and .not inverts them", async ({ mockWorker }) => {
  const events = await collectSseEvents(await mockWorker.execute(makeTestRequest("job-1", "Hello", 5)));

  expect(events).not.toStopAt("}");
  expect(events).not.toHaveTokenCount(1);
  expect(events.slice(0, 2)).not.toHaveEventOrder();
  expect(events.slice(0, 2)).not.toCompleteSuccessfully();
  expect(() => expect(events).toHaveTokenCount(1)).toThrow("[TOKEN_COUNT_MISMATCH]");
  expect(() => expect(events).toStopAt("}")).toThrow("[STOP_MISMATCH]");
  expect(() => expect(events.slice(0, 2)).toHaveEventOrder()).toThrow("[ORDER_VIOLATED]");
  expect(() => expect(events.slice(0, 2)).toCompleteSuccessfully()).toThrow("[ORDER_VIOLATED]");
  expect(() => expect(events).not.toHaveEventOrder()).toThrow("Expected a stream whose events are in the wrong order");
});
