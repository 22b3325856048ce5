import { describe, expect, test } from "vitest";
import { judgeLeak, type JudgeLeakOptions } from "../../../src/memory/index.js";
import { figures, idleSamples, MIB } from "./samples.js";

const judge = (mebibytes: readonly number[], options: Partial<JudgeLeakOptions> = {}) =>
  judgeLeak(idleSamples(mebibytes), { source: "process-tree", ...options });

describe("a jump is a step", () => {
  test("even next to a slope that alone is not a leak", () => {
    const verdict = judge(
      figures(101, (cycle) => 500 + cycle / 10 + (cycle < 66 ? 0 : 200)),
      { limitBytes: 5 * MIB },
    );

    expect(verdict).toMatchObject({ status: "step", step: { atCycle: 66 }, growthBytes: expect.any(Number) as number });
    expect("slope" in verdict && verdict.slope.low * 100).toBeGreaterThan(5 * MIB);
  });

  test("only above `minGrowthBytes`: 64 MiB is not more than 64 MiB", () => {
    const jump = (size: number) => judge(figures(101, (cycle) => (cycle < 60 ? 500 : 500 + size)));

    expect(jump(64).status).toBe("none");
    expect(jump(64.1).status).toBe("step");
  });

  test("only if the change between the two neighbours is above it, however high the level rises", () => {
    const twoSteps = (first: number) =>
      judge(figures(101, (cycle) => (cycle < 60 ? 500 : cycle === 60 ? 500 + first : 580)));

    expect(twoSteps(64).status).toBe("none");
    expect(twoSteps(65).status).toBe("step");
  });

  test("only if the level that stays is above it, however high the jump was", () => {
    const settling = (rest: number) =>
      judge(figures(101, (cycle) => (cycle < 60 ? 500 : cycle < 66 ? 700 : 500 + rest)));

    expect(settling(64).status).toBe("none");
    expect(settling(65).status).toBe("step");
  });

  test("only if the level has not come back in the end", () => {
    expect(judge(figures(101, (cycle) => (cycle >= 45 && cycle < 95 ? 900 : 500))).status).toBe("none");
  });
});

describe("a run that does not begin at cycle 0", () => {
  test("is as long as its cycles, not as its last number", () => {
    const samples = idleSamples(figures(101, (cycle) => 500 + cycle)).map((sample, index) => ({
      ...sample,
      cycle: 1_000 + index,
    }));

    expect(judgeLeak(samples, { source: "process-tree" })).toMatchObject({
      keptCycles: [1_033, 1_100],
      bounds: { remainingCycles: 100 },
    });
  });

  test("counts its idle points where they have no number", () => {
    const samples = idleSamples(
      figures(101, (cycle) => 500 + cycle),
      { cycle: undefined },
    );

    expect(judgeLeak(samples, { source: "process-tree" })).toMatchObject({ status: "leak", keptCycles: [33, 100] });
  });
});

test("a long series is thinned out from its first point to its last", () => {
  const points = judge(figures(30_000, (cycle) => 500 + cycle / 100));

  expect(points).toMatchObject({ keptCycles: [10_000, 29_999], bounds: { remainingCycles: 29_999 } });
});
