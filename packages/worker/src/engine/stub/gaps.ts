import { combine, hashText, toUnit } from "worker-orcd-control";
import type { StubConfig } from "./stub-config.js";

type Timing = StubConfig["timing"];

/** What the draws of a job depend on. */
export interface DrawKey {
  readonly seed: number;
  readonly jobId: string;
}

/** The time before the burst with an index, in milliseconds, never negative. */
export type GapAt = (index: number) => number;

/** The gaps of one job: fixed, a list that repeats, or draws that depend on seed, job and index alone. */
export function createGaps(gap: Timing["gapMs"], key: DrawKey): GapAt {
  if (typeof gap === "number") return () => gap;
  if (Array.isArray(gap)) return (index) => gap[index % gap.length] ?? 0;
  const draw = createDraw(key, "gap");
  if ("uniform" in gap) {
    const [min, max] = gap.uniform;
    return (index) => min + (max - min) * draw(index);
  }
  const normal = createNormal(key);
  if ("normal" in gap) return (index) => Math.max(0, gap.normal.meanMs + gap.normal.sdMs * normal(index));
  return (index) => gap.logNormal.medianMs * Math.exp(gap.logNormal.sigma * normal(index));
}

/** Box-Muller; each of its two uniform numbers is a stream with a name of its own. */
function createNormal(key: DrawKey): GapAt {
  const radius = createDraw(key, "gap-radius");
  const angle = createDraw(key, "gap-angle");
  return (index) => Math.sqrt(-2 * Math.log(1 - radius(index))) * Math.cos(2 * Math.PI * angle(index));
}

function createDraw({ seed, jobId }: DrawKey, name: string): GapAt {
  const stream = combine(combine(hashText(name), seed), hashText(jobId));
  return (index) => toUnit(combine(stream, index));
}
