import { median } from "../../numbers/index.js";
import type { ResolvedLeakOptions } from "./leak-options.js";
import { fitTheilSen, type Point } from "./theil-sen.js";
import type { ConclusiveVerdict } from "./verdict.js";

/** Whether a series grows like a leak, and its figures. */
export interface Growth {
  readonly isLeak: boolean;
  readonly figures: Pick<
    ConclusiveVerdict,
    "slope" | "firstMedianBytes" | "lastMedianBytes" | "growthBytes" | "bounds"
  >;
}

/** Measures the kept points of a run of `cycles` cycles. */
export function measureGrowth(
  points: readonly Point[],
  { cycles, options }: { readonly cycles: number; readonly options: ResolvedLeakOptions },
): Growth {
  const { confidence } = options;
  const line = fitTheilSen(points, confidence);
  const third = Math.max(1, Math.floor(points.length / 3));
  const first = centreOf(points.slice(0, third));
  const last = centreOf(points.slice(-third));
  const minGrowthBytes = Math.max(options.minGrowthBytes, options.minGrowthShare * first.y);
  const { limitBytes = minGrowthBytes, remainingCycles = cycles } = options;
  // The two medians are about 4/9 of the run apart; the limit applies to the whole run.
  const growthBytes = last.x > first.x ? ((last.y - first.y) * cycles) / (last.x - first.x) : NaN;
  return {
    isLeak: line.low * remainingCycles > limitBytes && growthBytes > minGrowthBytes,
    figures: {
      slope: {
        bytesPerCycle: line.slope,
        low: line.low,
        high: line.high,
        confidence,
        interceptBytes: line.intercept,
      },
      firstMedianBytes: first.y,
      lastMedianBytes: last.y,
      growthBytes,
      bounds: { limitBytes, remainingCycles, minGrowthBytes },
    },
  };
}

function centreOf(points: readonly Point[]): Point {
  return { x: median(points.map(({ x }) => x)), y: median(points.map(({ y }) => y)) };
}
