// A test runner with one worker; it ends on request.
import { WorkerTestHarness } from "inference-testkit";

const worker = await WorkerTestHarness.startMock();
console.log(`pid ${worker.pid}`);
process.stdin.once("data", async () => {
  await worker.stop();
  process.exit(0);
});
