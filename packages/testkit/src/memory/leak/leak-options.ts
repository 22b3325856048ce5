import { checkInteger, checkKnownOptions, checkOption } from "../../errors/index.js";
import { MEMORY_SOURCES, type MemorySourceName } from "../sample.js";
import type { Confidence } from "./theil-sen.js";

/** How a series is judged. */
export interface LeakOptions {
  /**
   * Growth over {@link remainingCycles} that is too much, in bytes: the room that the worker has left.
   * @default what `minGrowthBytes` and `minGrowthShare` come to
   */
  readonly limitBytes?: number | undefined;
  /**
   * Cycles that the worker has still to serve before it is started anew: 10,000 jobs a day, say.
   * @default as many as the run had
   */
  readonly remainingCycles?: number | undefined;
  /** Growth over the run below which nothing is a leak or a step, in bytes. @default 67108864 (64 MiB) */
  readonly minGrowthBytes?: number | undefined;
  /** The same as a share of the level at the start, 0..1; the larger of both counts. @default 0.01 */
  readonly minGrowthShare?: number | undefined;
  /** Of the interval of the slope, two-sided: 0.9, 0.95 or 0.99. @default 0.95 */
  readonly confidence?: Confidence | undefined;
  /**
   * States that no other process uses the GPU, where the driver does not know (containers, WSL): figures of the whole
   * device are then judged whatever processes it lists. @default false
   */
  readonly exclusiveGpu?: boolean | undefined;
}

/** The same for {@link judgeLeak}, which judges one source. */
export interface JudgeLeakOptions extends LeakOptions {
  readonly source: MemorySourceName;
}

/** With every default that does not depend on the series. */
export interface ResolvedLeakOptions extends Omit<JudgeLeakOptions, "minGrowthBytes" | "minGrowthShare"> {
  readonly minGrowthBytes: number;
  readonly minGrowthShare: number;
  readonly confidence: Confidence;
  readonly exclusiveGpu: boolean;
}

/** Every option of {@link LeakOptions}. */
export const LEAK_OPTIONS = [
  "limitBytes",
  "remainingCycles",
  "minGrowthBytes",
  "minGrowthShare",
  "confidence",
  "exclusiveGpu",
] satisfies (keyof LeakOptions)[];

const DEFAULTS = {
  minGrowthBytes: 64 * 1024 ** 2,
  minGrowthShare: 0.01,
  confidence: 0.95,
  exclusiveGpu: false,
} as const;
const MOST_CYCLES = 1e12;
const CONFIDENCES: readonly unknown[] = [0.9, 0.95, 0.99];

/** Checks options that are needed later: a wrong one is refused before the run, not after it. @throws {INVALID_OPTION} */
export function checkLeakOptions(name: string, options: LeakOptions): void {
  checkKnownOptions(name, options, LEAK_OPTIONS);
  resolveLeakOptions({ ...options, source: "process-tree" });
}

/** The one door for the options of a verdict. @throws {INVALID_OPTION} */
export function resolveLeakOptions(options: JudgeLeakOptions): ResolvedLeakOptions {
  checkKnownOptions("options", options, ["source", ...LEAK_OPTIONS]);
  const { source, limitBytes, remainingCycles } = options;
  const {
    minGrowthBytes = DEFAULTS.minGrowthBytes,
    minGrowthShare = DEFAULTS.minGrowthShare,
    confidence = DEFAULTS.confidence,
    exclusiveGpu = DEFAULTS.exclusiveGpu,
  } = options;
  checkOption(MEMORY_SOURCES.includes(source), "source", { wanted: MEMORY_SOURCES.join(" or "), value: source });
  if (limitBytes !== undefined) checkBytes("limitBytes", limitBytes);
  if (remainingCycles !== undefined) checkInteger("remainingCycles", remainingCycles, [1, MOST_CYCLES]);
  checkBytes("minGrowthBytes", minGrowthBytes);
  const isShare = typeof minGrowthShare === "number" && minGrowthShare >= 0 && minGrowthShare <= 1;
  checkOption(isShare, "minGrowthShare", { wanted: "a number from 0 to 1", value: minGrowthShare });
  checkOption(CONFIDENCES.includes(confidence), "confidence", { wanted: "0.9, 0.95 or 0.99", value: confidence });
  checkOption(typeof exclusiveGpu === "boolean", "exclusiveGpu", { wanted: "true or false", value: exclusiveGpu });
  return { source, limitBytes, remainingCycles, minGrowthBytes, minGrowthShare, confidence, exclusiveGpu };
}

/** A size: zero or more, finite. */
export function checkBytes(name: string, value: unknown): void {
  checkOption(typeof value === "number" && value >= 0 && Number.isFinite(value), name, {
    wanted: "a number of bytes, zero or more",
    value,
  });
}
