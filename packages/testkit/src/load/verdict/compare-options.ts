import { checkDuration, checkKnownOptions, checkNotNegative, checkOption } from "../../errors/index.js";
import { FINGERPRINT_FACTS, type Fingerprint } from "../machine.js";

/** Options of `compareRuns()`. */
export interface CompareOptions {
  /** How much worse a median or a rate may be, relative to the baseline; for shares the absolute difference. @default 0.1 */
  readonly tolerance?: number | undefined;
  /** The same for p95 and p99, which vary more. @default 0.25 */
  readonly tailTolerance?: number | undefined;
  /** Changes smaller than this are below the resolution of the client, in ms. @default 1 */
  readonly resolutionMs?: number | undefined;
  /** Significance level of the rank test, one-sided, above 0 and below 0.5. @default 0.01 */
  readonly alpha?: number | undefined;
  /** Facts of the machine that may differ, e.g. `workerVersion` when two builds are compared. @default none */
  readonly allow?: readonly (keyof Fingerprint)[] | undefined;
}

export interface ResolvedCompareOptions {
  readonly tolerance: number;
  readonly tailTolerance: number;
  readonly resolutionMs: number;
  readonly alpha: number;
  readonly allow: readonly (keyof Fingerprint)[];
}

const DEFAULTS: ResolvedCompareOptions = {
  tolerance: 0.1,
  tailTolerance: 0.25,
  resolutionMs: 1,
  alpha: 0.01,
  allow: [],
};

/** @throws {INVALID_OPTION} */
export function resolveCompareOptions(options: CompareOptions): ResolvedCompareOptions {
  checkKnownOptions("options", options, Object.keys(DEFAULTS));
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...DEFAULTS, ...given };
  checkNotNegative("tolerance", resolved.tolerance);
  checkNotNegative("tailTolerance", resolved.tailTolerance);
  checkDuration("resolutionMs", resolved.resolutionMs);
  const value: unknown = resolved.alpha;
  const holds = typeof value === "number" && value > 0 && value < 0.5;
  checkOption(holds, "alpha", { wanted: "a number above 0 and below 0.5", value });
  const names: unknown = resolved.allow;
  const isList = Array.isArray(names) && names.every((name) => FINGERPRINT_FACTS.includes(name as keyof Fingerprint));
  checkOption(isList, "allow", { wanted: `a list of ${FINGERPRINT_FACTS.join(", ")}`, value: names });
  return resolved;
}
