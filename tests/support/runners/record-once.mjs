// Records some jobs and stops: `record-once.mjs <folder>`. Prints how the stop ended.
import { collectSseEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";

const worker = await WorkerTestHarness.startMock();
await worker.recordTo(process.argv[2]);
for (let job = 1; job <= 3; job += 1) {
  await collectSseEvents(await worker.execute(makeTestRequest(`job-${job}`, "Hello", 200)));
}
const error = await worker.stop().then(
  () => undefined,
  (reason) => reason,
);
console.log(`stop ${error === undefined ? "ok" : `${error.code} ${error.message.split("\n", 1)[0]}`}`);
