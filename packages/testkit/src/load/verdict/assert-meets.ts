import { AssertionFailedError, type TestkitErrorCode } from "../../errors/index.js";
import { formatMs, plural } from "../../numbers/index.js";
import type { StoredLoadResult } from "../result.js";
import { judgeLimits, type LimitsVerdict } from "./judge-limits.js";
import type { RunLimits } from "./run-limits.js";

const CODES = {
  fail: "LOAD_LIMIT_MISSED",
  "not-recorded": "LOAD_NOT_RECORDED",
  "not-enough-samples": "LOAD_NOT_ENOUGH_SAMPLES",
  invalid: "LOAD_INVALID",
} as const satisfies Record<Exclude<LimitsVerdict["status"], "pass">, TestkitErrorCode>;

const HEADLINES = {
  pass: "met",
  fail: "missed",
  "not-recorded": "not judged, because the run was stored without the metric",
  "not-enough-samples": "not judged, because there are too few samples",
} as const satisfies Record<Exclude<LimitsVerdict["status"], "invalid">, string>;

/**
 * Fails unless the run is valid and meets every limit, with enough samples for each.
 *
 * @throws {LOAD_LIMIT_MISSED} a limit is exceeded. @throws {LOAD_NOT_ENOUGH_SAMPLES} none is, but one has too few samples.
 * @throws {LOAD_NOT_RECORDED} the run was stored without a metric that a limit names. @throws {LOAD_INVALID} the run does not measure the
 * worker. @throws {INVALID_OPTION} an invalid limit, or none.
 * @example assertMeets(result, { ttft: { p95: 200 }, tpot: { p50: 20 }, goodputRatio: 0.99, errors: 0 });
 */
export function assertMeets(result: StoredLoadResult, limits: RunLimits): void {
  const judged = judgeLimits(result, limits);
  if (judged.status === "pass") return;
  const message = [...headline(judged), ...describeChecks(judged), describeRun(result)];
  throw new AssertionFailedError(CODES[judged.status], { message });
}

function headline({ status, checks, validity }: LimitsVerdict): string[] {
  if (status === "invalid") {
    return ["the run is invalid:", ...validity.reasons.map((reason) => `  ${reason.code}: ${reason.message}`)];
  }
  const count = checks.filter((check) => check.status === status).length;
  return [`${count} of ${plural(checks.length, "limit")} ${HEADLINES[status]}:`];
}

function describeChecks({ checks }: LimitsVerdict): string[] {
  const marks = { pass: "ok    ", fail: "MISSED", "not-enough-samples": "?     ", "not-recorded": "?     " } as const;
  return checks.map((check) => `  ${marks[check.status]} ${check.message}`);
}

function describeRun({ counts, window }: StoredLoadResult): string {
  const statuses = Object.entries(counts.byStatus).map(([status, count]) => `${count} ${status}`);
  return `${plural(counts.attempted, "request")} in ${formatMs(window.durationMs)}: ${statuses.join(", ") || "none"}`;
}
