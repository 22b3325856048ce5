import { describe, expect, test } from "vitest";
import { judgeLeak } from "../../../src/memory/index.js";
import type { GpuNeighbours, MemorySample } from "../../../src/memory/sample.js";
import { figures, idleSamples } from "./samples.js";

const leaking = figures(101, (cycle) => 500 + cycle);
const reasonOf = (samples: readonly MemorySample[]) => judgeLeak(samples, { source: "process-tree" }).reason;

test("anything other than a list of samples is rejected by name", () => {
  const record = { samples: [] } as unknown as readonly MemorySample[];

  expect(() => judgeLeak(record, { source: "process-tree" })).toThrow(
    "Expected `samples` to be the samples of a record, got `{ samples: [] }`",
  );
});

test("each doubt is explained", () => {
  const restarted = (count: number) =>
    idleSamples(leaking).map((sample, index) => ({ ...sample, incarnation: 1 + Math.min(index, count) }));

  expect(reasonOf(restarted(1))).toBe("the worker was restarted 1 time during the run");
  expect(reasonOf(restarted(3))).toBe("the worker was restarted 3 times during the run");
  expect(reasonOf(idleSamples(leaking, { worker: "died" }))).toBe("the worker died, so its figures are not a baseline");
  expect(reasonOf(idleSamples(leaking, { bytes: {} }))).toBe("process-tree has no figure at any idle point");
});

describe("the GPU as a whole", () => {
  const seen = (neighbours: readonly GpuNeighbours[], count = 101) =>
    idleSamples(leaking.slice(0, count)).map((sample, index) => ({
      ...sample,
      gpuNeighbours: neighbours[index % neighbours.length],
    }));
  const judge = (samples: readonly MemorySample[]) => judgeLeak(samples, { source: "gpu-device" });
  const none = { status: "none", pids: [] } as const;
  const unknown = { status: "unknown", pids: [7] } as const;
  const present = { status: "present", pids: [8] } as const;

  test("is judged if no other process used it", () => {
    expect(judge(seen([none])).status).toBe("leak");
  });

  test("is in doubt as soon as one reading does not list the worker; whose the listed pids are is not known", () => {
    expect(judge(seen([none, unknown]))).toMatchObject({
      cause: "unknown-gpu-processes",
      reason:
        "the driver does not list the worker among the processes of the GPU (a container?), " +
        "so other processes may use it; set `exclusiveGpu: true` if none does",
    });
  });

  test("has foreign processes if any reading has one, each named once", () => {
    expect(judge(seen([unknown, present, none, present]))).toMatchObject({
      cause: "foreign-gpu-processes",
      reason: "other processes used the same GPU: pid 8",
    });
  });

  test("names foreign processes before it asks for more points", () => {
    expect(judge(seen([present], 5))).toMatchObject({ cause: "foreign-gpu-processes" });
    expect(judge(seen([none], 5))).toMatchObject({ cause: "too-few-points" });
  });

  test("busy readings do not affect it", () => {
    const busy = idleSamples([1], { idle: false, gpuNeighbours: present });

    expect(judge([...busy, ...seen([none])]).status).toBe("leak");
  });
});
