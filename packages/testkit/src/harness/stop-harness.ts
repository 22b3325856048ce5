import { reasonOf, throwAll } from "../errors/index.js";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { WorkerClient } from "../client/index.js";
import type { FaultSession } from "../faults/index.js";
import type { SeenFinding } from "../findings/index.js";
import type { Recordings } from "./recordings.js";
import type { StopReport } from "./stop-report.js";
import type { WorkerFindings } from "./worker-findings.js";
import type { WorkerLifecycle } from "./worker-lifecycle.js";

/** What a harness has to end. */
export interface StoppedParts {
  readonly client: WorkerClient;
  /** Absent when attached. */
  readonly process: WorkerLifecycle | undefined;
  readonly faults: FaultSession;
  readonly recordings: Recordings;
  readonly findings: WorkerFindings;
}

/**
 * Ends everything, in this order: the process, what became of the faults, the recordings with all of it.
 *
 * @throws what failed; several failures are joined.
 */
export async function stopHarness({
  client,
  process,
  faults,
  recordings,
  findings: noticed,
}: StoppedParts): Promise<StopReport | undefined> {
  recordings.close();
  noticed.beginStop();
  await process?.endRestarts();
  await nextTurn(); // an end that the event loop has not reported yet
  process?.resume(); // a stopped process could not answer the last request
  await faults.beforeStop();
  const [stopped] = await Promise.allSettled([process?.stop(), client.close()]);
  if (faults.causedExit) process?.expectExit();
  const report = stopped.status === "fulfilled" ? stopped.value : undefined;
  await nextTurn(); // readers whose connection the stop has cut report their streams in this turn
  const badEnds = process?.findBadEnds(report) ?? [];
  const unasked = process?.findUnaskedEnds(report) ?? [];
  noticed.add([...(process?.findings ?? []), ...badEnds.map(toFinding), ...unasked]);
  const findings = noticed.list();
  const failures = [
    stopped.status === "rejected" ? (stopped.reason as Error) : undefined,
    ...(noticed.allows("EXIT_FAILED") ? [] : badEnds),
    noticed.createError(findings),
    await faults.finish(),
  ].filter((failure) => failure !== undefined);
  failures.push(...(await recordings.finish({ report, findings, failures: [...failures] })));
  throwAll(failures);
  return report && { ...report, findings };
}

/** The error itself has everything else. */
function toFinding(error: Error): SeenFinding {
  return { code: "EXIT_FAILED", message: reasonOf(error) };
}
