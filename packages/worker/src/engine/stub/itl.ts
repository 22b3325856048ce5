import { combine, hashText, toUnit } from "worker-orcd-control";
import type { StubConfig } from "./stub-config.js";

type Timing = StubConfig["timing"];

/** Inputs of a job's random draws. */
export interface DrawKey {
  readonly seed: number;
  readonly jobId: string;
}

/** The time before the burst with this index, in milliseconds, never negative. */
export type ItlAt = (index: number) => number;

/** The inter-token latencies of one job: fixed, a list that repeats, or draws that depend only on seed, job and index. */
export function createItl(itl: Timing["itlMs"], key: DrawKey): ItlAt {
  if (typeof itl === "number") return () => itl;
  if (Array.isArray(itl)) return (index) => itl[index % itl.length] ?? 0;
  const draw = createDraw(key, "itl");
  if ("uniform" in itl) {
    const [min, max] = itl.uniform;
    return (index) => min + (max - min) * draw(index);
  }
  const normal = createNormal(key);
  if ("normal" in itl) return (index) => Math.max(0, itl.normal.meanMs + itl.normal.sdMs * normal(index));
  return (index) => itl.logNormal.medianMs * Math.exp(itl.logNormal.sigma * normal(index));
}

/** Box–Muller; each of its two uniform numbers has its own named stream. */
function createNormal(key: DrawKey): ItlAt {
  const radius = createDraw(key, "itl-radius");
  const angle = createDraw(key, "itl-angle");
  return (index) => Math.sqrt(-2 * Math.log(1 - radius(index))) * Math.cos(2 * Math.PI * angle(index));
}

function createDraw({ seed, jobId }: DrawKey, name: string): ItlAt {
  const stream = combine(combine(hashText(name), seed), hashText(jobId));
  return (index) => toUnit(combine(stream, index));
}
