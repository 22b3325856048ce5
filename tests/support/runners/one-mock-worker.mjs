// A test runner with one worker, which ends when it is told to.
import { WorkerTestHarness } from "inference-testkit";

const worker = await WorkerTestHarness.startMock();
console.log(`pid ${worker.pid}`);
process.stdin.once("data", async () => {
  await worker.stop();
  process.exit(0);
});
