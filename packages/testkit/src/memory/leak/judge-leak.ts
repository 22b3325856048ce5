import { formatBytes, median, plural } from "../../numbers/index.js";
import { checkOption, resolveOptions } from "../../options/index.js";
import type { MemorySample } from "../sample.js";
import { describeVerdict } from "./describe-verdict.js";
import { findLargestJump, isAboveNoise, levelBefore, removeJump, type Jump } from "./find-step.js";
import type { Setback } from "./lasting-growth.js";
import { JUDGE_OPTIONS, type JudgeLeakOptions, type ResolvedLeakOptions } from "./leak-options.js";
import { measureGrowth, type Growth, type GrowthRun } from "./measure-growth.js";
import type { Point } from "./theil-sen.js";
import type { ConclusiveVerdict, InconclusiveCause, LeakVerdict } from "./verdict.js";

/** Fewer idle points are inconclusive. */
const LEAST_POINT_COUNT = 10;
/** Longer series are thinned out evenly, because the fit is quadratic. */
const MOST_POINT_COUNT = 1_000;

/**
 * Judges whether the memory of a worker leaks, from its idle points only. A pure function.
 *
 * The first third of the points is dropped, because caches fill and allocators grow. A Theil–Sen line is fitted to the rest.
 * - `leak`: the lower end of the slope's interval × `remainingCycles` is above `limitBytes`, **and** the growth over the run
 *   (from the median of the first third of the kept points to that of the last third, scaled to all cycles of the run) is above
 *   `minGrowthBytes`, **and** it lasts: lows and highs rise as well, and the memory never falls by more than half of its rise;
 * - `step`: the level jumped once, by more than that and by more than the noise, and stayed there, and without the jump it would not be a
 *   leak;
 * - `inconclusive`: fewer than 10 points, a restart, a worker that died, growth that may be memory collected from time to time, or, for
 *   `gpu-device`, other processes;
 * - `none`: otherwise.
 *
 * @throws {INVALID_OPTION}
 * @example judgeLeak(record.samples, { source: "process-tree", remainingCycles: 10_000, limitBytes: 2 * 1024 ** 3 })
 */
export function judgeLeak(samples: readonly MemorySample[], options: JudgeLeakOptions): LeakVerdict {
  checkOption(Array.isArray(samples), "samples", { wanted: "the samples of a record", value: samples });
  const resolved = resolveOptions(JUDGE_OPTIONS, options);
  const points = toPoints(samples, resolved);
  const doubt = findDoubt(samples, points, resolved);
  if (doubt !== undefined) {
    return { status: "inconclusive", source: resolved.source, ...doubt, pointCount: points.length };
  }
  return judgePoints(points, resolved);
}

function toPoints(samples: readonly MemorySample[], { source }: ResolvedLeakOptions): Point[] {
  return samples
    .filter(({ idle }) => idle)
    .flatMap(({ cycle, bytes }, index) => {
      const y = bytes[source];
      return y === undefined ? [] : [{ x: cycle ?? index, y }];
    });
}

function findDoubt(
  samples: readonly MemorySample[],
  points: readonly Point[],
  options: ResolvedLeakOptions,
): { cause: InconclusiveCause; reason: string } | undefined {
  const { source } = options;
  if (points.length === 0) return { cause: "no-figures", reason: `${source} has no figure at any idle point` };
  if (samples.some(({ worker }) => worker === "died")) {
    return { cause: "worker-died", reason: "the worker died, so its figures are not a baseline" };
  }
  const incarnations = new Set(samples.map(({ incarnation }) => incarnation));
  if (incarnations.size > 1)
    return {
      cause: "restart",
      reason: `the worker was restarted ${plural(incarnations.size - 1, "time")} during the run`,
    };
  const neighbours = source === "gpu-device" && !options.exclusiveGpu ? findNeighbours(samples) : undefined;
  const cycleCount = new Set(points.map(({ x }) => x)).size;
  if (neighbours !== undefined || cycleCount >= LEAST_POINT_COUNT) return neighbours;
  const reason = `${source} has idle points at ${plural(cycleCount, "cycle")}, expected at least ${LEAST_POINT_COUNT}`;
  return { cause: "too-few-points", reason };
}

function findNeighbours(samples: readonly MemorySample[]): { cause: InconclusiveCause; reason: string } | undefined {
  const seen = samples.flatMap(({ idle, gpuNeighbours }) => (idle && gpuNeighbours ? [gpuNeighbours] : []));
  const foreign = [...new Set(seen.filter(({ status }) => status === "present").flatMap(({ pids }) => pids))];
  if (foreign.length > 0) {
    const reason = `other processes used the same GPU: pid ${foreign.join(", ")}`;
    return { cause: "foreign-gpu-processes", reason };
  }
  if (!seen.some(({ status }) => status === "unknown")) return undefined;
  const reason =
    "the driver does not list the worker among the processes of the GPU (a container?), so other processes may use it; " +
    "set `exclusiveGpu: true` if none does";
  return { cause: "unknown-gpu-processes", reason };
}

function judgePoints(all: readonly Point[], options: ResolvedLeakOptions): LeakVerdict {
  const points = thinOut(all);
  const dropCount = Math.floor(points.length / 3);
  const kept = points.slice(dropCount);
  const run: GrowthRun = { cycles: spanOf(points), earlier: points.slice(0, dropCount), options };
  const growth = measureGrowth(kept, run);
  const step = findLastingJump(kept, growth);
  const isExplained = step !== undefined && !growsWithout(step, kept, run);
  const { isAbove, setback } = growth;
  if (isAbove && !isExplained && setback?.kind === "fell")
    return describeUnclear(growth.figures, setback, { all, options });
  const isLeak = isAbove && !isExplained && setback === undefined;
  const status = isLeak ? "leak" : step === undefined ? "none" : "step";
  const found: Omit<ConclusiveVerdict, "reason"> = {
    status,
    source: options.source,
    pointCount: all.length,
    keptCount: kept.length,
    keptCycles: [kept[0]?.x ?? NaN, kept.at(-1)?.x ?? NaN],
    ...growth.figures,
    ...(step === undefined ? {} : { step: { atCycle: kept[step.index]?.x ?? NaN, bytes: step.size } }),
  };
  return { ...found, reason: describeVerdict(found, setback?.reason) };
}

function describeUnclear(
  { slope }: Growth["figures"],
  { reason: why }: Setback,
  { all, options }: { readonly all: readonly Point[]; readonly options: ResolvedLeakOptions },
): LeakVerdict {
  const reason =
    `memory grows by ${formatBytes(slope.bytesPerCycle)} a cycle, but ${why}: ` +
    "a leak, or memory that is collected from time to time; run more cycles, so that it is collected several times";
  return { status: "inconclusive", source: options.source, cause: "fell-back", reason, pointCount: all.length };
}

/** Whether a series still grows without its jump: one jump is a step; a slope in addition, or a second jump, is more than that. */
function growsWithout(jump: Jump, kept: readonly Point[], run: GrowthRun): boolean {
  const rest = removeJump(kept, jump);
  const growth = measureGrowth(rest, run);
  return growth.isAbove || findLastingJump(rest, growth) !== undefined;
}

/** The largest jump, if it is large enough, above the noise, and the level never returned, neither in between nor at the end. */
function findLastingJump(points: readonly Point[], { figures }: Growth): Jump | undefined {
  const jump = findLargestJump(points);
  if (jump === undefined || !isAboveNoise(points, jump)) return undefined;
  const { minGrowthBytes } = figures.bounds;
  const after = median(points.slice(jump.index).map(({ y }) => y));
  const rise = Math.min(after, levelBefore(points, points.length)) - levelBefore(points, jump.index);
  return jump.size > minGrowthBytes && rise > minGrowthBytes ? jump : undefined;
}

function thinOut(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_POINT_COUNT) return points;
  const stride = (points.length - 1) / (MOST_POINT_COUNT - 1);
  const places = Array.from({ length: MOST_POINT_COUNT }, (_, index) => Math.round(index * stride));
  return places.flatMap((place) => points.slice(place, place + 1));
}

function spanOf(points: readonly Point[]): number {
  const xs = points.map(({ x }) => x);
  return Math.max(...xs) - Math.min(...xs);
}
