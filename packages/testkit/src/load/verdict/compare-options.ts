import {
  custom,
  defineOptions,
  durationMs,
  listOf,
  number,
  oneOf,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../options/index.js";
import { FINGERPRINT_FACTS } from "../machine.js";

/** The upper end is out of practical reach; an infinite tolerance would compare nothing. */
const tolerance = number([0, 1_000_000]);

/** The options of `compareRuns()`. */
export const COMPARE_OPTIONS = defineOptions({
  /** How much worse a median or a rate may be, relative to the baseline; for shares the absolute difference. @default 0.1 */
  tolerance: withDefault(tolerance, 0.1),
  /** The same for p95 and p99, which vary more. @default 0.25 */
  tailTolerance: withDefault(tolerance, 0.25),
  /** By how much the share of failed requests may rise: 0.01 is one percentage point. @default 0, or chance if requests failed before */
  errorTolerance: withDefault(number([0, 1]), 0),
  /**
   * Changes smaller than this are below the resolution of the client, in ms. For TPOT and inter-token latency it is divided by the number
   * of steps between the tokens of an answer. @default 1
   */
  resolutionMs: withDefault(durationMs({ orZero: true }), 1),
  /** Significance level of the rank test, one-sided, above 0 and below 0.5. @default 0.02 */
  alpha: withDefault(
    custom<number>("a number above 0 and below 0.5", (value) => typeof value === "number" && value > 0 && value < 0.5),
    0.02,
  ),
  /** Facts of the machine that may differ, e.g. `workerVersion` when two builds are compared. @default none */
  allow: withDefault(listOf(oneOf(FINGERPRINT_FACTS), { wanted: `a list of ${FINGERPRINT_FACTS.join(", ")}` }), []),
});

/** Options of `compareRuns()`. */
export interface CompareOptions extends OptionsOf<typeof COMPARE_OPTIONS> {}

/** Options with all defaults filled in. */
export type ResolvedCompareOptions = ResolvedOptionsOf<typeof COMPARE_OPTIONS>;
