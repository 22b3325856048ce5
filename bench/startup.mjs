// startMock() until ready, and a whole fast test, against `node -e 0`.
import { execFileSync } from "node:child_process";
import { collectSseEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { alternate, median, pairedRatio, report, time } from "./measure.mjs";

const ROUNDS = 25;

const samples = await alternate(ROUNDS, {
  bare: () => time(() => execFileSync(process.execPath, ["-e", "0"])),
  start: async () => {
    let worker;
    const ms = await time(async () => {
      worker = await WorkerTestHarness.startMock();
    });
    await worker.stop();
    return ms;
  },
  test: () =>
    time(async () => {
      const worker = await WorkerTestHarness.startMock();
      const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));
      if (events.length !== 7) throw new Error(`expected 7 events, got ${events.length}`);
      await worker.stop();
    }),
});

const against = `node -e 0 takes ${median(samples.bare).toFixed(1)} ms`;
const goals = { start: ["startMock() until ready", "≤ 2.5"], test: ["start, 5 tokens, stop", "≤ 4"] };
for (const [name, [what, goal]] of Object.entries(goals)) {
  const detail = `${median(samples[name]).toFixed(1)} ms, ${against}; median of ${ROUNDS} paired runs`;
  report({ what, value: pairedRatio(samples[name], samples.bare), goal, detail });
}
