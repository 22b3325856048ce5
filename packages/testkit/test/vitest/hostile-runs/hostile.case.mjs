import { join } from "node:path";
import { assertAllOk, collectSseEvents, collectStream, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";

const PROGRAM = join(import.meta.dirname, "..", "..", "workers", "hostile.mjs");
const WAYS = [
  ...["log", "invalid-response", "identity", "http-failed", "html"],
  ...["error-code", "long-error-code", "invalid-event", "invalid-json-event"],
];

async function launch(way, onTestFinished) {
  const args = [PROGRAM, way, "--worker-id", "{workerId}"];
  const worker = await WorkerTestHarness.launch({ command: process.execPath, args, ready: { kind: "line" } });
  onTestFinished(() => worker.stop());
  return worker;
}

test.for(WAYS)("an event stream is read: %s", async (way, { onTestFinished }) => {
  const worker = await launch(way, onTestFinished);
  expect(await collectSseEvents(await worker.execute(makeTestRequest("job", "Hello", 3)))).toCompleteSuccessfully();
});

test.for(WAYS)("many jobs are asserted: %s", async (way, { onTestFinished }) => {
  const worker = await launch(way, onTestFinished);
  assertAllOk(await worker.executeAll([makeTestRequest("job", "Hello", 3)]));
});

test.for(WAYS.slice(5))("a matcher judges: %s", async (way, { onTestFinished }) => {
  const worker = await launch(way, onTestFinished);
  expect(await collectStream(await worker.execute(makeTestRequest("job", "Hello", 3)))).toCompleteSuccessfully();
});

test.override("mockOptions", { command: [process.execPath, PROGRAM, "error-code"] });

test("the log of a fixture is printed", async ({ mockWorker }) => {
  expect(mockWorker.pid).toBe(0);
});
