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

/** Options for judging a series. */
export const LEAK_OPTIONS = defineOptions({
  /**
   * Maximum growth over `remainingCycles`, in bytes: the memory that the worker has left.
   * @default `minGrowthBytes`, or `minGrowthShare` of the level if that is more
   */
  limitBytes: sizeBytes(),
  /**
   * Cycles that the worker must serve before it is restarted, such as 10,000 jobs a day.
   * @default the number of the run
   */
  remainingCycles: integer([1, MOST_CYCLES]),
  /** Minimum growth over the run for a leak or a step, in bytes. @default 67108864 (64 MiB) */
  minGrowthBytes: withDefault(sizeBytes(), 64 * 1024 ** 2),
  /** The same as a fraction of the level at the start, 0..1; the larger of the two applies. @default 0, so only `minGrowthBytes` applies */
  minGrowthShare: withDefault(number([0, 1]), 0),
  /** Two-sided confidence of the slope interval: 0.9, 0.95 or 0.99. @default 0.95 */
  confidence: withDefault(oneOf([0.9, 0.95, 0.99]), 0.95),
  /**
   * States that no other process uses the GPU, for environments where the driver cannot know (containers, WSL):
   * figures of the whole device are then judged even if other processes are listed. @default false
   */
  exclusiveGpu: withDefault(flag(), false),
});

/** The same for {@link judgeLeak}, which judges one source. */
export const JUDGE_OPTIONS = defineOptions({
  /** The source to judge. */
  source: required(oneOf(MEMORY_SOURCES)),
  ...LEAK_OPTIONS,
});

/** Options for judging a series. */
export interface LeakOptions extends OptionsOf<typeof LEAK_OPTIONS> {}

/** The same for {@link judgeLeak}, which judges one source. */
export interface JudgeLeakOptions extends OptionsOf<typeof JUDGE_OPTIONS> {}

/** The options with every default that does not depend on the series. */
export type ResolvedLeakOptions = ResolvedOptionsOf<typeof JUDGE_OPTIONS>;
