import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { WorkerTestHarness } from "../../../src/index.js";
import { createSamplers } from "../../../src/memory/sources/create-samplers.js";
import { MEMORY_SOURCES } from "../../../src/memory/sources/registry.js";

test("every source has one sampler that reads it", () => {
  const worker = { pid: undefined } as unknown as WorkerTestHarness; // nothing is read
  const gpu = { gpuDevice: -1, candidates: [] };
  const samplers = createSamplers(worker, {}, { sources: MEMORY_SOURCES, gpu });

  expect(samplers.flatMap(({ names }) => names).sort()).toEqual([...MEMORY_SOURCES].sort());
});

test("the guide describes what every source counts", () => {
  const guide = readFileSync(new URL("../../../../../docs/memory.md", import.meta.url), "utf8");

  expect(MEMORY_SOURCES.filter((name) => !guide.includes(`\n| \`${name}\` | `))).toEqual([]);
});
