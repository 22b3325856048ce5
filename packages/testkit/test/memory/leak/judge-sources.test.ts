import { expect, test } from "vitest";
import { judgeSources, type JudgedRecord } from "../../../src/memory/leak/judge-sources.js";
import type { MemorySourceName } from "../../../src/memory/sources/registry.js";
import { figures, idleSamples } from "./samples.js";

const samples = idleSamples(figures(20, (cycle) => 500 + 10 * cycle));
const available = (...names: readonly MemorySourceName[]): JudgedRecord["sources"] =>
  names.map((name) => ({ name, status: "available" }));
const judged = (...names: readonly MemorySourceName[]) =>
  judgeSources({ samples, sources: available(...names) }).map(({ source }) => source);

test("every available source is judged, in the order of the record", () => {
  const verdicts = judgeSources({
    samples,
    sources: [...available("process-tree", "worker-health"), { name: "worker-metrics", status: "unavailable" }],
  });

  expect(verdicts).toMatchObject([
    { source: "process-tree", status: "leak" },
    { source: "worker-health", status: "inconclusive", cause: "no-figures" },
  ]);
});

test("the GPU as a whole is judged only without figures of the worker's own processes on it", () => {
  expect(judged("process-tree", "gpu-device")).toEqual(["process-tree", "gpu-device"]);
  expect(judged("process-tree", "gpu-device", "gpu-process")).toEqual(["process-tree", "gpu-process"]);
});

test("named sources are judged, available or not, and no others", () => {
  const record = { samples, sources: available("process-tree", "gpu-process") };

  expect(judgeSources(record, { sources: ["gpu-device", "worker-metrics"] })).toMatchObject([
    { source: "gpu-device", status: "leak" },
    { source: "worker-metrics", status: "inconclusive" },
  ]);
});

test("the options are those of every source", () => {
  const record = { samples, sources: available("process-tree", "gpu-device") };

  expect(judgeSources(record, { minGrowthBytes: 1024 ** 4 }).map(({ status }) => status)).toEqual(["none", "none"]);
});

test("without an idle point, no verdict was wanted, unless a source is named", () => {
  const busy = idleSamples([1, 2, 3], { idle: false });
  const sources = available("process-tree");

  expect(judgeSources({ samples: busy, sources })).toEqual([]);
  expect(judgeSources({ samples: busy, sources }, { sources: ["process-tree"] })).toMatchObject([
    { status: "inconclusive", cause: "no-figures" },
  ]);
  expect(judgeSources({ samples: [...busy, ...samples], sources })).toHaveLength(1);
});
