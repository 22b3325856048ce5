import type { ConformanceReport } from "./report/conformance-report.js";
import type { ConformanceOptions } from "./run/options.js";
import { runSuite } from "./run/run-conformance.js";
import { toSource, type ConformanceTarget } from "./target-option.js";

export { defineConformanceTests } from "./define-tests.js";
export type { ConformanceReport } from "./report/conformance-report.js";
export { writeConformanceReport } from "./report/write-report.js";
export type { ConformanceOptions } from "./run/options.js";
export type { ConformanceTarget } from "./target-option.js";

/**
 * Runs the conformance checks on a server and judges it. Resolves for everything that the server does.
 *
 * @throws {INVALID_OPTION} and whatever starting or reaching the server throws.
 * @example
 * const report = await runConformance(() => WorkerTestHarness.launch(server), { level: "smoke" });
 * if (report.status !== "pass") console.log(report.message);
 */
export async function runConformance(
  target: ConformanceTarget,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  return runSuite(toSource(target), options);
}
