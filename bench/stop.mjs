// stop() of an idle worker: from the call until nothing of its group is left.
import { WorkerTestHarness } from "inference-testkit";
import { median, report, time } from "./measure.mjs";

const ROUNDS = 25;

const samples = [];
for (let round = 0; round < ROUNDS; round++) {
  const worker = await WorkerTestHarness.startMock();
  samples.push(await time(() => worker.stop()));
}
const longest = Math.max(...samples).toFixed(1);
report({
  what: "stop()",
  value: median(samples),
  unit: "ms",
  goal: "≤ 50",
  detail: `median of ${ROUNDS}, longest ${longest} ms`,
});
