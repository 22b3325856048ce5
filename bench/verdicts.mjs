// How often do the verdicts err? Comparisons of simulated runs and leak verdicts on simulated memory, all from seeds: pure computation,
// so every run of this file prints the same figures.
import { compareRuns } from "inference-testkit/load";
import { judgeLeak } from "inference-testkit/memory";
import { report } from "./measure.mjs";
import { jump, line, randomWalk, sawTooth, SLOW_LEAK, staircase, toSamples, wandering } from "./simulated-memory.mjs";
import { createDraws, simulateRun } from "./simulated-runs.mjs";

const PAIRS = 2_000;
const SERIES = 1_000;

const slower = { ttft: 1.3, tpot: 1.3 };
/** What is compared, runs a side, runs of both sides, what is different in the second, the verdict that matters and its goal in %. */
const COMPARISONS = [
  ["equal, 8 %, TTFT and TPOT vary together", 5, {}, {}, "fail", "≤ 1"],
  ["equal, 8 %, half together", 5, { shared: 0.5 }, {}, "fail", "≤ 1"],
  ["equal, 8 %, independently", 5, { shared: 0 }, {}, "fail", "≤ 1"],
  ["equal, 4 %", 5, { noise: 0.04, shared: 0.5 }, {}, "fail", "≤ 1"],
  ["equal, 16 %", 5, { noise: 0.16, shared: 0.5 }, {}, "fail"],
  ["equal, 8 %", 10, { shared: 0.5 }, {}, "fail", "≤ 1"],
  ["equal, 8 %", 3, { shared: 0.5 }, {}, "fail", "≤ 0"],
  ["equal, 8 %", 1, { shared: 0.5 }, {}, "fail", "≤ 0"],
  ["equal, 8 %, 2 % of the requests fail", 5, { shared: 0.5, errorRate: 0.02 }, {}, "fail", "≤ 1"],
  ["30 % slower, 8 %, together", 5, {}, slower, "fail", "≥ 95"],
  ["30 % slower, 8 %, half together", 5, { shared: 0.5 }, slower, "fail", "≥ 95"],
  ["TTFT 30 % higher, 8 %", 5, { shared: 0.5 }, { ttft: 1.3 }, "fail", "≥ 95"],
  ["TPOT 30 % higher, 8 %", 5, { shared: 0.5 }, { tpot: 1.3 }, "fail", "≥ 95"],
  ["TPOT of 0.5 ms 30 % higher, 8 %", 5, { shared: 0.5, tpotMs: 0.5 }, { tpot: 1.3 }, "fail", "≥ 95"],
  ["20 % slower, 8 %", 5, { shared: 0.5 }, { ttft: 1.2, tpot: 1.2 }, "fail"],
  ["20 % slower, 8 %", 10, { shared: 0.5 }, { ttft: 1.2, tpot: 1.2 }, "fail"],
  ["30 % slower, 16 %", 5, { noise: 0.16, shared: 0.5 }, slower, "fail"],
  ["15 % slower, 4 %", 5, { noise: 0.04, shared: 0.5 }, { ttft: 1.15, tpot: 1.15 }, "fail"],
  ["5 % of the requests fail, none before", 5, { noise: 0.02 }, { errorRate: 0.05 }, "fail", "≥ 95"],
  ["0.5 % of the requests fail, none before", 5, { noise: 0.02 }, { errorRate: 0.005 }, "pass", "≤ 5"],
];

const wrong = (statuses) => statuses.leak + statuses.step;
const leak = ({ leak }) => leak;
const step = ({ step }) => step;
/** What is judged, its options, the series, what is counted and its goal in %. */
const MEMORY = [
  ["saw-tooth of 12 cycles, 100 MiB", {}, (draws) => sawTooth(draws, { period: 12, height: 100 }), wrong, "≤ 2"],
  ["saw-tooth of 60 cycles, 200 MiB", {}, (draws) => sawTooth(draws, { period: 60, height: 200 }), wrong, "≤ 2"],
  ["saw-tooth of 90 cycles, 200 MiB", {}, (draws) => sawTooth(draws, { period: 90, height: 200 }), wrong, "≤ 2"],
  ["saw-tooth of 120 cycles, 200 MiB", {}, (draws) => sawTooth(draws, { period: 120, height: 200 }), wrong],
  ["noise of ± 40 MiB", {}, (draws) => line(draws, { noise: 40 }), wrong, "≤ 2"],
  [
    "noise of ± 10 MiB, slow leak, 50 cycles",
    SLOW_LEAK,
    (draws) => line(draws, { noise: 10, cycles: 50 }),
    wrong,
    "≤ 2",
  ],
  ["noise of ± 10 MiB, slow leak", SLOW_LEAK, (draws) => line(draws, { noise: 10 }), wrong, "≤ 2"],
  ["AR(1) of 0.9, 40 MiB", {}, (draws) => wandering(draws, { sd: 40 }), wrong, "≤ 2"],
  ["AR(1) of 0.9, 5 MiB, slow leak", SLOW_LEAK, (draws) => wandering(draws, { sd: 5 }), wrong, "≤ 2"],
  [
    "AR(1) of 0.9, 5 MiB, slow leak, 300 cycles",
    SLOW_LEAK,
    (draws) => wandering(draws, { sd: 5, cycles: 300 }),
    wrong,
    "≤ 2",
  ],
  ["AR(1) of 0.9, 5 MiB, slow leak, 50 cycles", SLOW_LEAK, (draws) => wandering(draws, { sd: 5, cycles: 50 }), wrong],
  ["random walk, 2 MiB a cycle", {}, (draws) => randomWalk(draws, { step: 2 }), wrong, "≤ 2"],
  ["random walk, 4 MiB a cycle", {}, (draws) => randomWalk(draws, { step: 4 }), wrong],
  ["leak of 1 MiB, noise of ± 10 MiB", {}, (draws) => line(draws, { noise: 10, slope: 1 }), leak, "≥ 95"],
  ["the same at a level of 16 GiB", {}, (draws) => line(draws, { noise: 10, slope: 1, level: 16_384 }), leak, "≥ 95"],
  ["leak of 1 MiB, noise of ± 20 MiB", {}, (draws) => line(draws, { noise: 20, slope: 1 }), leak, "≥ 95"],
  ["leak of 1 MiB, noise of ± 30 MiB", {}, (draws) => line(draws, { noise: 30, slope: 1 }), leak],
  [
    "leak of 1 MiB, noise of ± 30 MiB, 200 cycles",
    {},
    (draws) => line(draws, { noise: 30, slope: 1, cycles: 200 }),
    leak,
    "≥ 95",
  ],
  ["leak of 0.7 MiB, noise of ± 2 MiB", {}, (draws) => line(draws, { noise: 2, slope: 0.7 }), leak, "≥ 95"],
  ["leak of 1 MiB, AR(1) of 0.9, 5 MiB", {}, (draws) => wandering(draws, { sd: 5, slope: 1 }), leak, "≥ 95"],
  ["leak of 1 MiB, AR(1) of 0.9, 10 MiB", {}, (draws) => wandering(draws, { sd: 10, slope: 1 }), leak],
  [
    "leak of 1 MiB below a saw-tooth of 12 cycles, 80 MiB",
    {},
    (draws) => sawTooth(draws, { period: 12, height: 80, slope: 1 }),
    leak,
    "≥ 95",
  ],
  [
    "leak of 1 MiB, noise of ± 10 MiB, slow leak, 50 cycles",
    SLOW_LEAK,
    (draws) => line(draws, { noise: 10, slope: 1, cycles: 50 }),
    leak,
    "≥ 95",
  ],
  [
    "leak of 0.1 MiB, noise of ± 1 MiB, slow leak, 50 cycles",
    SLOW_LEAK,
    (draws) => line(draws, { noise: 1, slope: 0.1, cycles: 50 }),
    leak,
    "≥ 95",
  ],
  [
    "leak of 0.1 MiB, noise of ± 2 MiB, slow leak",
    SLOW_LEAK,
    (draws) => line(draws, { noise: 2, slope: 0.1 }),
    leak,
    "≥ 95",
  ],
  ["staircase of 100 MiB every 30 cycles", {}, (draws) => staircase(draws, { size: 100, period: 30 }), leak],
  ["jump of 200 MiB, noise of ± 10 MiB", {}, (draws) => jump(draws, { size: 200, noise: 10 }), step, "≥ 95"],
  ["jump of 200 MiB, noise of ± 40 MiB", {}, (draws) => jump(draws, { size: 200, noise: 40 }), step],
  ["jump of 80 MiB, noise of ± 20 MiB", {}, (draws) => jump(draws, { size: 80, noise: 20 }), step],
];

for (const [what, count, facts, other, status, goal] of COMPARISONS) {
  const tally = { pass: 0, inconclusive: 0, fail: 0, "not-comparable": 0 };
  for (let seed = 1; seed <= PAIRS; seed++) {
    const draws = createDraws(seed);
    const runs = (more) => Array.from({ length: count }, () => simulateRun(draws, { ...facts, ...more }));
    tally[compareRuns(runs({}), runs(other)).status]++;
  }
  print(`${what}, ${count} against ${count}: ${status}`, { tally, count: tally[status], of: PAIRS, goal });
}
for (const [what, options, make, counted, goal] of MEMORY) {
  const tally = { leak: 0, step: 0, none: 0, inconclusive: 0 };
  for (let seed = 1; seed <= SERIES; seed++) {
    const samples = toSamples(make(createDraws(seed)));
    tally[judgeLeak(samples, { source: "process-tree", ...options }).status]++;
  }
  const name = { [wrong.name]: "leak or step" }[counted.name] ?? counted.name;
  print(`${what}: ${name}`, { tally, count: counted(tally), of: SERIES, goal });
}

function print(what, { tally, count, of, goal }) {
  const detail = Object.entries(tally)
    .filter(([, number]) => number > 0)
    .map(([status, number]) => `${number} ${status}`)
    .join(", ");
  report({ what, value: (100 * count) / of, unit: "%", goal, detail });
}
