// A test runner that leaves without stopping its worker.
import { WorkerTestHarness } from "inference-testkit";

const worker = await WorkerTestHarness.startMock();
console.log(`pid ${worker.pid}`);
process.exit(0);
