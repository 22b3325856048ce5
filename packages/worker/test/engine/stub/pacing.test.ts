import { parseStubConfig, type StubConfigInput } from "worker-orcd-control";
import { describe, expect, test } from "vitest";
import { Pacer } from "../../../src/engine/stub/pacing.js";

type Timing = NonNullable<StubConfigInput["timing"]>;

/** When the first tokens are due, in ms after the start. */
function dueTimes(timing: Timing, { count = 6, ...job }: Partial<{ count: number; jobId: string; seed: number }> = {}) {
  const pacer = new Pacer(parseStubConfig({ timing }).timing, { jobId: "j", seed: 0, promptTokens: 10, ...job });
  return Array.from({ length: count }, () => Math.round((pacer.next() - pacer.startedAtMs) * 1e6) / 1e6);
}

function itlsOf(timing: Timing, job: Parameters<typeof dueTimes>[1]): number[] {
  const times = dueTimes(timing, job);
  return times.slice(1).map((time, index) => time - times[index]!);
}

test.each<[string, Timing, number[]]>([
  ["nothing said", {}, [0, 0, 0, 0, 0, 0]],
  ["a fixed inter-token latency", { ttftMs: 7, itlMs: 5 }, [7, 12, 17, 22, 27, 32]],
  ["a prefill for each token of the prompt", { ttftMs: 7, prefillMsPerToken: 2 }, [27, 27, 27, 27, 27, 27]],
  ["a list that repeats", { itlMs: [1, 10] }, [0, 1, 11, 12, 22, 23]],
  ["bursts, with the latency between them", { itlMs: [4, 6], burst: 2 }, [0, 0, 4, 4, 10, 10]],
  [
    "stalls, several at one token too",
    {
      itlMs: 1,
      stalls: [
        { afterTokens: 2, ms: 50 },
        { afterTokens: 2, ms: 50 },
      ],
    },
    [0, 1, 102, 103, 104, 105],
  ],
  ["a stall before the first token", { stalls: [{ afterTokens: 0, ms: 9 }] }, [9, 9, 9, 9, 9, 9]],
])("%s", (_name, timing, due) => {
  expect(dueTimes(timing)).toEqual(due);
});

test("slowing down delays every token from then on", () => {
  const pacer = new Pacer(parseStubConfig({ timing: { itlMs: 1 } }).timing, { jobId: "j", seed: 0, promptTokens: 1 });
  const due = () => pacer.next() - pacer.startedAtMs;
  expect([due(), due()].map(Math.round)).toEqual([0, 1]);
  pacer.slowDown(10);
  expect([due(), due()].map(Math.round)).toEqual([12, 23]);
});

describe("distributions", () => {
  const COUNT = 4_001;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

  test("uniform", () => {
    const itls = itlsOf({ itlMs: { uniform: [10, 20] } }, { count: COUNT });
    expect(Math.min(...itls)).toBeGreaterThan(9.999);
    expect(Math.max(...itls)).toBeLessThan(20.001);
    expect(mean(itls)).toBeCloseTo(15, 0);
  });

  test("normal", () => {
    const itls = itlsOf({ itlMs: { normal: { meanMs: 50, sdMs: 5 } } }, { count: COUNT });
    expect(mean(itls)).toBeCloseTo(50, 0);
    expect(deviation(itls)).toBeCloseTo(5, 0);
    expect(Math.min(...itlsOf({ itlMs: { normal: { meanMs: 0, sdMs: 5 } } }, { count: COUNT }))).toBe(0);
  });

  test("log-normal", () => {
    const itls = itlsOf({ itlMs: { logNormal: { medianMs: 20, sigma: 0.5 } } }, { count: COUNT });
    expect(Math.abs(median(itls) - 20)).toBeLessThan(1);
    expect(deviation(itls.map((itl) => Math.log(itl)))).toBeCloseTo(0.5, 1);
  });

  test.each<Timing["itlMs"]>([
    { uniform: [1, 9] },
    { normal: { meanMs: 9, sdMs: 2 } },
    { logNormal: { medianMs: 5, sigma: 1 } },
  ])("the draws of %o depend only on seed and job", (itlMs) => {
    const times = dueTimes({ itlMs });
    expect(dueTimes({ itlMs })).toEqual(times);
    expect(dueTimes({ itlMs }, { jobId: "k" })).not.toEqual(times);
    expect(dueTimes({ itlMs }, { seed: 1 })).not.toEqual(times);
  });
});
