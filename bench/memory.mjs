// Memory of the test process for each of 500 open streams. Resident memory changes in steps of the garbage collector's heap, so every
// sample is a separate process, and the median counts.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, report } from "./measure.mjs";

const SAMPLES = 7;
const once = fileURLToPath(new URL("memory-once.mjs", import.meta.url));

const samples = Array.from({ length: SAMPLES }, () =>
  JSON.parse(execFileSync(process.execPath, ["--expose-gc", once], { encoding: "utf8" })),
);
const resident = samples.map(({ rss }) => rss);
const used = median(samples.map(({ heapUsed }) => heapUsed)).toFixed(1);
const range = `${Math.min(...resident).toFixed(0)} to ${Math.max(...resident).toFixed(0)}`;
const detail = `resident, median of ${SAMPLES} processes (${range}) with 500 streams each; of that ${used} KiB of used heap`;
report({ what: "memory of a stream held open", value: median(resident), unit: "KiB", goal: "≤ 60", detail });
