import {
  defineOptions,
  flag,
  integer,
  number,
  oneOf,
  required,
  sizeBytes,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../options/index.js";
import { MEMORY_SOURCES } from "../sources/registry.js";

const MOST_CYCLES = 1e12;

/** How a series is judged. */
export const LEAK_OPTIONS = defineOptions({
  /**
   * Growth over `remainingCycles` that is too much, in bytes: the room that the worker has left.
   * @default the larger of `minGrowthBytes` and `minGrowthShare` of the level
   */
  limitBytes: sizeBytes(),
  /**
   * Cycles that the worker must still serve before it is restarted: 10,000 jobs a day, say.
   * @default as many as the run had
   */
  remainingCycles: integer([1, MOST_CYCLES]),
  /** Growth over the run below which nothing is a leak or a step, in bytes. @default 67108864 (64 MiB) */
  minGrowthBytes: withDefault(sizeBytes(), 64 * 1024 ** 2),
  /** The same as a share of the level at the start, 0..1; the larger of both counts. @default 0.01 */
  minGrowthShare: withDefault(number([0, 1]), 0.01),
  /** Of the interval of the slope, two-sided: 0.9, 0.95 or 0.99. @default 0.95 */
  confidence: withDefault(oneOf([0.9, 0.95, 0.99]), 0.95),
  /**
   * States that no other process uses the GPU, where the driver does not know (containers, WSL): figures of the whole
   * device are then judged whatever processes it lists. @default false
   */
  exclusiveGpu: withDefault(flag(), false),
});

/** The same for {@link judgeLeak}, which judges one source. */
export const JUDGE_OPTIONS = defineOptions({
  /** The source that is judged. */
  source: required(oneOf(MEMORY_SOURCES)),
  ...LEAK_OPTIONS,
});

/** How a series is judged. */
export interface LeakOptions extends OptionsOf<typeof LEAK_OPTIONS> {}

/** The same for {@link judgeLeak}, which judges one source. */
export interface JudgeLeakOptions extends OptionsOf<typeof JUDGE_OPTIONS> {}

/** With every default that does not depend on the series. */
export type ResolvedLeakOptions = ResolvedOptionsOf<typeof JUDGE_OPTIONS>;
