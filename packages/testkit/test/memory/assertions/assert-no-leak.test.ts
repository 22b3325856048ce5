import { describe, expect, test } from "vitest";
import { assertNoLeak, type LeakAssertOptions, type MemoryRecord } from "../../../src/memory/index.js";
import { figures, idleSamples } from "../leak/samples.js";
import { availableSource, recordOf } from "../records.js";

const flat = recordOf(idleSamples(figures(101, () => 500)));
const leaking = recordOf(idleSamples(figures(101, (cycle) => 500 + cycle)));
const jumping = recordOf(idleSamples(figures(101, (cycle) => (cycle < 60 ? 500 : 700))));
const short = recordOf(idleSamples(figures(5, () => 500)));

function failureOf(record: MemoryRecord, options?: LeakAssertOptions): Error {
  try {
    assertNoLeak(record, options);
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected a failure");
}

test("`none` passes, and a jump passes unless it is forbidden", () => {
  expect(() => assertNoLeak(flat)).not.toThrow();
  expect(() => assertNoLeak(jumping)).not.toThrow();
});

test("MEMORY_LEAK has the numbers in its message", () => {
  const error = failureOf(leaking);
  expect(error).toMatchObject({ code: "MEMORY_LEAK", details: { verdicts: [{ status: "leak" }] } });
  expect(error.message.split("\n  verdicts:", 1)[0]).toMatchInlineSnapshot(`
    "[MEMORY_LEAK] the worker's memory grows with every cycle
      process-tree: leak (101 idle points): 1.0 MiB a cycle (95 %: 1.0 MiB to 1.0 MiB); so at least 100.0 MiB in 100 cycles (limit 64.0 MiB); median 543.5 MiB at the start, 589.5 MiB at the end; growth over the run 100.0 MiB (limit 64.0 MiB)
    hint: What does a job leave behind: its KV cache, its request, a listener? The slope is the growth per cycle."
  `);
});

test("MEMORY_STEP has the size of the jump", () => {
  const error = failureOf(jumping, { step: "fail" });
  expect(error).toMatchObject({ code: "MEMORY_STEP" });
  expect(error.message).toContain("process-tree: step (101 idle points): one jump of 200.0 MiB at cycle 60");
});

test("MEMORY_INCONCLUSIVE: too few points are never a pass", () => {
  expect(failureOf(short)).toMatchObject({ code: "MEMORY_INCONCLUSIVE" });
  expect(failureOf(short).message).toContain("process-tree has idle points at 5 cycles, expected at least 10");
});

test("MEMORY_INCONCLUSIVE: without any source, with the reason for each", () => {
  const sources: MemoryRecord["sources"] = [
    { name: "gpu-device", definition: "", status: "unavailable", reason: "no GPU", readCount: 0, failedCount: 1 },
  ];
  const error = failureOf(recordOf(idleSamples(figures(101, () => 500)), { sources }));
  expect(error).toMatchObject({ code: "MEMORY_INCONCLUSIVE" });
  expect(error.message).toContain("no source has a figure at an idle point\n  gpu-device: no GPU");
  expect(failureOf(recordOf([])).message).toContain("process-tree: no idle point");
});

test("one leaking source is enough, even next to an inconclusive one", () => {
  const both = recordOf(leaking.samples, {
    sources: [availableSource("process-tree"), availableSource("worker-health")],
  });
  expect(failureOf(both)).toMatchObject({ code: "MEMORY_LEAK" });
  expect(failureOf(both).message).toContain("worker-health: inconclusive (0 idle points)");
});

describe("the GPU as a whole", () => {
  const growing = idleSamples(
    figures(101, (cycle) => 500 + cycle),
    { gpuNeighbours: { status: "none", pids: [] } },
  );

  test("is judged only if there are no figures for the worker's processes on it", () => {
    expect(failureOf(recordOf(growing, { sources: [availableSource("gpu-device")] }))).toMatchObject({
      code: "MEMORY_LEAK",
    });
    const own = growing.map((sample) => ({ ...sample, bytes: { ...sample.bytes, "gpu-process": 1 } }));
    expect(() =>
      assertNoLeak(recordOf(own, { sources: [availableSource("gpu-device"), availableSource("gpu-process")] })),
    ).not.toThrow();
  });

  test("or when it is named", () => {
    expect(failureOf(recordOf(growing), { sources: ["gpu-device"] })).toMatchObject({ code: "MEMORY_LEAK" });
  });
});

test.each<[object, RegExp]>([
  [{ sources: ["vram"] }, /`sources`/],
  [{ step: "forbid" }, /Expected `step` to be "allow" or "fail", got `"forbid"`/],
  [{ cycles: 100 }, /got `cycles`/],
  [{ confidence: 1 }, /`confidence`/],
])("INVALID_OPTION: %o", (options, message) => {
  expect(failureOf(flat, options as LeakAssertOptions)).toMatchObject({ code: "INVALID_OPTION" });
  expect(failureOf(flat, options as LeakAssertOptions).message).toMatch(message);
});
