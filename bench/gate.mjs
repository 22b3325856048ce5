// Does the baseline gate catch a build that is 30 % slower, and leave an equal one alone? Two stub workers on one machine, six
// interleaved runs of each, ten times each.
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { compareRuns, interleave, runLoad } from "inference-testkit/load";
import { report } from "./measure.mjs";

const TRIES = 10;
/** Five would allow two inversions of twenty-five, six allow four: the machine is shared. */
const REPEATS = 6;
const ITL_MS = 8;
const SLOWDOWN = 1.3;
const LOAD = {
  profile: { kind: "concurrency", clients: 8 },
  requests: (index) => makeTestRequest(`job-${index}`, "Measure me", 20),
  stop: { count: 48 },
  warmup: { count: 8 },
};
/** A fresh process is slower until its code is compiled: without this, the equal build was 12 % slower in its first tries. */
const FIRST_WARMUP = { ...LOAD, stop: { count: 400 } };

const start = (itlMs) => WorkerTestHarness.startMock({ parallel: 8, stub: { timing: { ttftMs: 40, itlMs } } });
const workers = await Promise.all([start(ITL_MS), start(ITL_MS), start(ITL_MS * SLOWDOWN)]);
const [baseline, equal, slower] = workers;
const startedAt = performance.now();

try {
  for (const worker of workers) await runLoad(worker, FIRST_WARMUP);
  const caught = await tryAll("30 % slower", slower, "fail");
  const left = await tryAll("equal", equal, "pass", "inconclusive");
  const detail = `6 interleaved runs of 48 requests each, ${Math.round((performance.now() - startedAt) / 1000)} s`;
  report({
    what: "the gate catches a build that is 30 % slower",
    value: caught,
    unit: `of ${TRIES}`,
    goal: `≥ ${TRIES}`,
    detail,
  });
  report({ what: "the gate passes an identical build", value: left, unit: `of ${TRIES}`, goal: `≥ ${TRIES}`, detail });
} finally {
  await Promise.all(workers.map((worker) => worker.stop()));
}

async function tryAll(name, worker, ...expected) {
  let reached = 0;
  for (let seed = 1; seed <= TRIES; seed++) {
    const { a, b } = await interleave(
      () => runLoad(baseline, { ...LOAD, seed }),
      () => runLoad(worker, { ...LOAD, seed }),
      { repeats: REPEATS },
    );
    const { status, metrics, message } = compareRuns(a, b);
    const tpot = metrics.find(({ metric }) => metric === "tpot");
    console.log(`  ${name}, try ${seed}: ${status} (${tpot?.message ?? message})`);
    if (status !== expected[0]) console.log(message);
    if (expected.includes(status)) reached++;
  }
  return reached;
}
