import { AssertionFailedError, type TestkitErrorCode } from "../../errors/index.js";
import type { LoadResult } from "../result.js";
import { judgeLimits, type LimitsVerdict } from "./judge-limits.js";
import type { LoadLimits } from "./load-limits.js";

const CODES = {
  fail: "LOAD_LIMIT_MISSED",
  "not-enough-samples": "LOAD_NOT_ENOUGH_SAMPLES",
  invalid: "LOAD_INVALID",
} as const satisfies Record<Exclude<LimitsVerdict["verdict"], "pass">, TestkitErrorCode>;

/**
 * Fails unless the run is valid and meets every limit, with enough samples for each.
 *
 * @throws {LOAD_LIMIT_MISSED} a limit is missed. @throws {LOAD_NOT_ENOUGH_SAMPLES} none is, but one cannot be judged.
 * @throws {LOAD_INVALID} the run does not measure the worker. @throws {INVALID_OPTION} a wrong limit, or none.
 * @example assertMeets(result, { ttft: { p95: 200 }, tpot: { p50: 20 }, goodput: 0.99, errors: 0 });
 */
export function assertMeets(result: LoadResult, limits: LoadLimits): void {
  const judged = judgeLimits(result, limits);
  if (judged.verdict === "pass") return;
  const message = [...headline(judged), ...describeChecks(judged), describeRun(result)];
  throw new AssertionFailedError(CODES[judged.verdict], { message });
}

function headline({ verdict, checks, validity }: LimitsVerdict): string[] {
  if (verdict === "invalid") {
    return ["the run is invalid:", ...validity.reasons.map((reason) => `  ${reason.code}: ${reason.message}`)];
  }
  const count = checks.filter((check) => check.status === verdict).length;
  const what = verdict === "fail" ? "missed" : "not judged for want of samples";
  return [`${count} of ${checks.length} limits ${what}:`];
}

function describeChecks({ checks }: LimitsVerdict): string[] {
  const marks = { pass: "ok    ", fail: "MISSED", "not-enough-samples": "?     " } as const;
  return checks.map((check) => `  ${marks[check.status]} ${check.message}`);
}

function describeRun({ counts, window }: LoadResult): string {
  const statuses = Object.entries(counts.byStatus).map(([status, count]) => `${count} ${status}`);
  return `${counts.attempted} requests in ${(window.durationMs / 1000).toFixed(1)} s: ${statuses.join(", ") || "none"}`;
}
