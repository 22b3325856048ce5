import { describeExit } from "../launch/index.js";
import type { WorkerTestHarness } from "../harness/index.js";

/** What a test did to a worker that the next one would notice. No request is sent. */
export function findChange(worker: WorkerTestHarness): string | undefined {
  const { process, faults, isStopped } = worker.internals;
  if (isStopped) return "the test stopped it";
  const finding = worker.findings.find(({ status }) => status === "fails");
  if (finding !== undefined) return `${finding.code} was noticed: ${finding.message}`;
  if (process === undefined) return undefined;
  const { exitInfo } = process.current;
  if (exitInfo !== undefined) return `its process ended with ${describeExit(exitInfo)}`;
  if (process.startCount > 1) return "the test restarted it";
  if (process.exitIsExpected) return "the test sent its process a signal, or asked it to end";
  const [armed] = faults.lastAccounts();
  if (armed !== undefined) return `the fault \`${armed.id}\` was armed`;
  return faults.isConfigured ? "the test changed the configuration of its stub" : undefined;
}
