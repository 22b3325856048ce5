import { median } from "../../numbers/index.js";
import { findSetback, type Setback } from "./lasting-growth.js";
import type { ResolvedLeakOptions } from "./leak-options.js";
import { fitTheilSen, type Point } from "./theil-sen.js";
import type { ConclusiveVerdict } from "./verdict.js";

/** How a series grows, and its figures. */
export interface Growth {
  /** It is above both limits. */
  readonly isAbove: boolean;
  /** Why growth above both limits may not last. */
  readonly setback?: Setback | undefined;
  readonly figures: Pick<
    ConclusiveVerdict,
    "slope" | "firstMedianBytes" | "lastMedianBytes" | "growthBytes" | "bounds"
  >;
}

/** A run of `cycles` cycles; `earlier` are its points before the kept ones. */
export interface GrowthRun {
  readonly cycles: number;
  readonly earlier: readonly Point[];
  readonly options: ResolvedLeakOptions;
}

/** Measures the kept points of a run. */
export function measureGrowth(kept: readonly Point[], { cycles, earlier, options }: GrowthRun): Growth {
  const { confidence } = options;
  const line = fitTheilSen(kept, confidence);
  const third = Math.max(1, Math.floor(kept.length / 3));
  const [first, last] = [kept.slice(0, third), kept.slice(-third)];
  const [from, to] = [centreOf(first), centreOf(last)];
  const minGrowthBytes = Math.max(options.minGrowthBytes, options.minGrowthShare * from.y);
  const { limitBytes = minGrowthBytes, remainingCycles = cycles } = options;
  // The two medians are about 4/9 of the run apart; the limit applies to the whole run.
  const growthBytes = to.x > from.x ? ((to.y - from.y) * cycles) / (to.x - from.x) : NaN;
  const isAbove = line.low * remainingCycles > limitBytes && growthBytes > minGrowthBytes;
  return {
    isAbove,
    setback: isAbove ? findSetback({ earlier, kept, first, last, rise: to.y - from.y }) : undefined,
    figures: {
      slope: {
        bytesPerCycle: line.slope,
        low: line.low,
        high: line.high,
        confidence,
        interceptBytes: line.intercept,
      },
      firstMedianBytes: from.y,
      lastMedianBytes: to.y,
      growthBytes,
      bounds: { limitBytes, remainingCycles, minGrowthBytes },
    },
  };
}

function centreOf(points: readonly Point[]): Point {
  return { x: median(points.map(({ x }) => x)), y: median(points.map(({ y }) => y)) };
}
