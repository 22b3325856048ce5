import { describe, expect, test } from "vitest";
import { judgeLeak, type JudgeLeakOptions } from "../../../src/memory/index.js";
import type { ConclusiveVerdict } from "../../../src/memory/leak/verdict.js";
import type { MemorySample } from "../../../src/memory/sample.js";
import { createNoise, figures, MIB, idleSamples } from "./samples.js";

const tree = (options: Partial<JudgeLeakOptions> = {}): JudgeLeakOptions => ({ source: "process-tree", ...options });
const judge = (mebibytes: readonly number[], options?: Partial<JudgeLeakOptions>) =>
  judgeLeak(idleSamples(mebibytes), tree(options));

describe("leak", () => {
  test("1 MiB per job is a leak after 100 jobs", () => {
    const verdict = judge(figures(101, (cycle) => 500 + cycle)) as ConclusiveVerdict;

    expect(verdict).toMatchObject({ status: "leak", source: "process-tree", pointCount: 101, keptCount: 68 });
    expect(verdict.keptCycles).toEqual([33, 100]);
    expect(verdict.slope).toEqual({
      bytesPerCycle: MIB,
      low: MIB,
      high: MIB,
      confidence: 0.95,
      interceptBytes: 500 * MIB,
    });
    expect(verdict.firstMedianBytes).toBe(543.5 * MIB);
    expect(verdict.lastMedianBytes).toBe(589.5 * MIB);
    expect(verdict.growthBytes).toBeCloseTo(100 * MIB, 3);
    expect(verdict.bounds).toEqual({ limitBytes: 64 * MIB, remainingCycles: 100, minGrowthBytes: 64 * MIB });
    expect(verdict.reason).toMatchInlineSnapshot(
      `"1.0 MiB a cycle (95 %: 1.0 MiB to 1.0 MiB); so at least 100.0 MiB in 100 cycles (limit 64.0 MiB); median 543.5 MiB at the start, 589.5 MiB at the end; growth over the run 100.0 MiB (limit 64.0 MiB)"`,
    );
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("even with noise of ± 10 MiB (seed %i)", (seed) => {
    const noise = createNoise(seed);
    expect(judge(figures(101, (cycle) => 500 + cycle + 10 * noise())).status).toBe("leak");
  });

  test("a steep leak is not a step, however few points there are", () => {
    expect(judge(figures(10, (cycle) => 100 * cycle)).status).toBe("leak");
  });

  test("a jump on top does not hide it", () => {
    expect(judge(figures(101, (cycle) => 500 + cycle + (cycle > 60 ? 300 : 0)))).toMatchObject({
      status: "leak",
      step: { atCycle: 61 },
    });
  });

  test("an allocator's staircase is a leak", () => {
    expect(judge(figures(101, (cycle) => 500 + 32 * Math.floor(cycle / 16))).status).toBe("leak");
  });

  test("two jumps are not one: memory that grows in large blocks", () => {
    expect(judge(figures(101, (cycle) => 500 + 100 * Math.floor(cycle / 30))).status).toBe("leak");
  });

  test("the remaining cycles decide: 0.1 MiB per job over 10,000 jobs is more than 500 MiB", () => {
    const slow = figures(1_001, (cycle) => 500 + cycle / 10);
    expect(judge(slow, { remainingCycles: 10_000, limitBytes: 500 * MIB }).status).toBe("leak");
    expect(judge(slow, { remainingCycles: 1_000, limitBytes: 500 * MIB }).status).toBe("none");
  });
});

describe("step", () => {
  test("one jump to a level that stays", () => {
    expect(judge(figures(101, (cycle) => (cycle < 60 ? 500 : 700)))).toMatchObject({
      status: "step",
      step: { atCycle: 60, bytes: 200 * MIB },
    });
  });

  test.each([40, 50, 60, 70, 80, 90])("anywhere after the first third, even with noise (cycle %i)", (at) => {
    const noise = createNoise(at);
    const verdict = judge(figures(101, (cycle) => 500 + (cycle < at ? 0 : 200) + 5 * noise()));
    expect(verdict).toMatchObject({ status: "step", step: { atCycle: at } });
    expect((verdict as ConclusiveVerdict).reason).toMatch(/^one jump of [\d.]+ MiB at cycle \d+; /);
  });
});

describe("none", () => {
  test("a level that stays", () => {
    expect(judge(figures(101, () => 500))).toMatchObject({
      status: "none",
      growthBytes: 0,
      slope: { low: 0, high: 0 },
    });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("noise of ± 20 MiB alone (seed %i)", (seed) => {
    const noise = createNoise(seed);
    expect(judge(figures(101, () => 500 + 20 * noise())).status).toBe("none");
  });

  test("growth in the first third: caches fill", () => {
    expect(judge(figures(100, (cycle) => 500 + 10 * Math.min(cycle, 33))).status).toBe("none");
  });

  test("growth below 64 MiB over the run, however regular, and at any level", () => {
    expect(judge(figures(101, (cycle) => 500 + 0.6 * cycle)).status).toBe("none");
    expect(judge(figures(101, (cycle) => 40_000 + 0.6 * cycle)).status).toBe("none");
    expect(judge(figures(101, (cycle) => 16_384 + cycle)).status).toBe("leak");
  });

  test("growth below a share of the level, only if one is given", () => {
    const share = { minGrowthShare: 0.01 };

    expect(
      judge(
        figures(101, (cycle) => 40_000 + 3.9 * cycle),
        share,
      ).status,
    ).toBe("none");
    expect(judge(figures(101, (cycle) => 40_000 + 3.9 * cycle)).status).toBe("leak");
    expect(
      judge(
        figures(101, (cycle) => 40_000 + 4.1 * cycle),
        share,
      ).status,
    ).toBe("leak");
  });

  test("a spike, a jump that reverts, and a level that falls", () => {
    expect(judge(figures(101, (cycle) => (cycle === 70 ? 5_000 : 500))).status).toBe("none");
    expect(judge(figures(101, (cycle) => (cycle > 50 && cycle < 70 ? 900 : 500))).status).toBe("none");
    expect(judge(figures(101, (cycle) => 2_000 - 10 * cycle)).status).toBe("none");
  });

  test("a sawtooth of a garbage collector", () => {
    expect(judge(figures(101, (cycle) => 500 + 8 * (cycle % 12))).status).toBe("none");
  });

  test("memory that came back to its first level in the last third, which the reason names", () => {
    const verdict = judge(figures(101, (cycle) => 500 + 2 * ((cycle + 25) % 60)));
    const back = judge(figures(101, (cycle) => (cycle > 96 ? 560 : 500 + 2 * cycle)));

    expect(verdict.status).toBe("none");
    expect(back.status).toBe("none");
    expect(back.reason).toMatch(/^memory grows, but not for good: memory came back to 560\.0 MiB in the last third; /);
  });

  test("busy moments are not judged, however they grow", () => {
    const idle = idleSamples(figures(100, () => 500));
    const busy = idleSamples(
      figures(100, (cycle) => 500 + 10 * cycle),
      { idle: false },
    );
    const both = idle.flatMap((sample, index) => [busy[index] as MemorySample, sample]);
    expect(judgeLeak(both, tree())).toMatchObject({ status: "none", pointCount: 100 });
  });

  test("what happens between the idle points is not judged", () => {
    const busy = idleSamples(
      figures(200, (cycle) => 500 + 50 * cycle),
      { idle: false },
    );
    expect(judgeLeak([...busy, ...idleSamples(figures(50, () => 500))], tree()).status).toBe("none");
  });
});

describe("inconclusive", () => {
  const leaking = figures(101, (cycle) => 500 + cycle);
  const withFields = (at: number, fields: Partial<MemorySample>): MemorySample[] =>
    idleSamples(leaking).map((sample, index) => (index >= at ? { ...sample, ...fields } : sample));

  test("fewer than 10 points", () => {
    expect(judge(figures(9, (cycle) => 100 * cycle))).toEqual({
      status: "inconclusive",
      source: "process-tree",
      cause: "too-few-points",
      reason: "process-tree has idle points at 9 cycles, expected at least 10",
      pointCount: 9,
    });
    expect(judgeLeak(idleSamples(leaking, { cycle: 3 }), tree())).toMatchObject({ cause: "too-few-points" });
  });

  test("a restart, even between two idle points", () => {
    expect(judgeLeak(withFields(50, { incarnation: 2 }), tree())).toMatchObject({
      status: "inconclusive",
      cause: "restart",
    });
    const [first, ...rest] = idleSamples(leaking);
    const between = { ...first!, idle: false, incarnation: 2 };
    expect(judgeLeak([first!, between, ...rest], tree())).toMatchObject({ cause: "restart" });
  });

  test("growth that had been there before and was released: a saw-tooth, or a leak", () => {
    const verdict = judge(figures(101, (cycle) => 500 + 2 * ((cycle + 70) % 90)));

    expect(verdict).toMatchObject({ status: "inconclusive", cause: "fell-back", pointCount: 101 });
    expect(verdict.reason).toBe(
      "memory grows by 2.0 MiB a cycle, but it had been at 676.0 MiB before and was released: a leak, or memory that is " +
        "collected from time to time; run more cycles, so that it is collected several times",
    );
  });

  test("growth that fell by more than half of it in between", () => {
    const verdict = judge(figures(101, (cycle) => 500 + 4 * cycle - (cycle > 66 ? 120 : 0)));

    expect(verdict).toMatchObject({ status: "inconclusive", cause: "fell-back" });
    expect(verdict.reason).toMatch(/but it fell by \d+\.\d MiB in between: /);
    expect(judge(figures(101, (cycle) => 500 + 4 * cycle - (cycle > 66 ? 40 : 0))).status).toBe("leak");
  });

  test("a worker that died is not a baseline, however flat it was", () => {
    const samples = idleSamples(figures(101, () => 500));
    const dead: MemorySample = { ...samples[0]!, idle: false, worker: "died", bytes: {} };
    expect(judgeLeak([...samples, dead], tree())).toMatchObject({ status: "inconclusive", cause: "worker-died" });
  });

  test("foreign processes on the GPU, only for the figures of the whole device", () => {
    const gpuNeighbours = { status: "present", pids: [4711, 4712] } as const;
    const samples = withFields(70, { gpuNeighbours });
    expect(judgeLeak(samples, { source: "gpu-device" })).toMatchObject({
      cause: "foreign-gpu-processes",
      reason: "other processes used the same GPU: pid 4711, 4712",
    });
    expect(judgeLeak(samples, tree()).status).toBe("leak");
    expect(judgeLeak(samples, { source: "gpu-device", exclusiveGpu: true }).status).toBe("leak");
  });

  test("a driver that lists no process, unless `exclusiveGpu` is set", () => {
    const samples = withFields(0, { gpuNeighbours: { status: "unknown", pids: [] } });
    expect(judgeLeak(samples, { source: "gpu-device" })).toMatchObject({ cause: "unknown-gpu-processes" });
    expect(judgeLeak(samples, { source: "gpu-device", exclusiveGpu: true }).status).toBe("leak");
  });

  test("no figure of that source at any idle point", () => {
    expect(judgeLeak(idleSamples(leaking), { source: "worker-health" })).toMatchObject({
      cause: "no-figures",
      pointCount: 0,
    });
  });
});

test("a long series is thinned out evenly, with the same verdict", () => {
  expect(judge(figures(30_000, (cycle) => 500 + cycle / 100))).toMatchObject({
    status: "leak",
    pointCount: 30_000,
    keptCount: 667,
  });
  expect(judge(figures(30_000, () => 500)).status).toBe("none");
});

test.each([
  [{ source: "vram" }, /Expected `source` to be "worker-health", .*, got `"vram"`/],
  [{ limitBytes: -1 }, /Expected `limitBytes` to be a number of bytes, zero or more, got `-1`/],
  [{ minGrowthBytes: NaN }, /Expected `minGrowthBytes` to be a number of bytes/],
  [{ minGrowthShare: 2 }, /Expected `minGrowthShare` to be a number from 0 to 1, got `2`/],
  [{ remainingCycles: 0.5 }, /Expected `remainingCycles` to be a whole number/],
  [{ confidence: 0.8 }, /Expected `confidence` to be 0.9, 0.95 or 0.99, got `0.8`/],
  [{ exclusiveGpu: 1 }, /Expected `exclusiveGpu` to be true or false, got `1`/],
  [{ limit: 1 }, /Expected `options` to have options among .*, got `limit`/],
])("invalid options are rejected: %o", (options, message) => {
  expect(() => judgeLeak([], { source: "process-tree", ...options } as JudgeLeakOptions)).toThrow(message);
});

describe("growth that is certain but not a leak is explained", () => {
  const slow = (options?: Partial<JudgeLeakOptions>) =>
    judge(
      figures(41, (cycle) => 500 + (cycle * 432) / 1024),
      options,
    );

  test("by the threshold it is below", () => {
    const verdict = slow() as ConclusiveVerdict;

    expect(verdict.status).toBe("none");
    expect(verdict.slope.low).toBeGreaterThan(0);
    expect(verdict.reason).toMatch(/^memory grows, but too little to be called a leak: /);
    expect(verdict.reason).toContain("its growth over the run is not above `minGrowthBytes` (64.0 MiB)");
    expect(verdict.reason).toContain("its growth in 40 cycles is not above `limitBytes` (64.0 MiB)");
    expect(verdict.reason).toContain("432.0 KiB a cycle");
  });

  test("naming only the relevant threshold", () => {
    const { reason } = slow({ limitBytes: 1024 ** 3, minGrowthBytes: MIB });

    expect(reason).toContain("its growth in 40 cycles is not above `limitBytes` (1.00 GiB)");
    expect(reason).not.toContain("`minGrowthBytes`");
  });

  test("and growth that is uncertain, or a leak, is not explained", () => {
    expect(judge(figures(41, () => 500)).reason).not.toContain("memory grows");
    expect(slow({ minGrowthBytes: MIB, limitBytes: MIB })).toMatchObject({
      status: "leak",
      reason: expect.not.stringContaining("memory grows") as string,
    });
  });
});
