import { CATALOGUE } from "../catalogue.js";
import type { Check } from "../check.js";
import type { ConformanceReport } from "../report/conformance-report.js";
import { ServerKeeper } from "../server/server-keeper.js";
import type { ServerSource } from "../server/server-source.js";
import { planConformance, type ConformanceOptions, type ResolvedConformanceOptions } from "./options.js";
import { SuiteRun } from "./suite-run.js";

/**
 * Runs the checks on a server and judges it. Resolves for everything that the server does.
 *
 * @throws {INVALID_OPTION} and whatever starting or reaching the server throws.
 */
export async function runSuite(
  source: ServerSource,
  options: ConformanceOptions,
  catalogue: readonly Check[] = CATALOGUE,
): Promise<ConformanceReport> {
  const { resolved, checks } = planConformance(options, catalogue);
  const signal = resolved.signal ?? new AbortController().signal;
  await using keeper = createKeeper(source, resolved);
  await keeper.open(signal);
  const run = new SuiteRun(keeper, resolved, signal);
  resolved.onServer?.(run.describeServer(source));
  await run.run(checks);
  return run.report(source);
}

/** Creates the keeper of a server, which is not opened yet. */
export function createKeeper(source: ServerSource, options: ResolvedConformanceOptions): ServerKeeper {
  const { dialect, model, profile, silenceMs, budgetFactor } = options;
  return new ServerKeeper(source, { asking: { dialect, model }, profile, silenceMs: silenceMs * budgetFactor });
}
