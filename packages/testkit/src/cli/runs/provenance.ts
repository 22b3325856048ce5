import { scrubText } from "../../evidence/index.js";
import { readWorkerKey } from "../../golden/worker-key.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import type { GivenFacts } from "../../load/machine.js";
import type { ReportProvenance } from "../../report/run-report.js";
import { readCommit } from "../../system/index.js";
import { quoteCommand } from "../../terminal/index.js";

/** Where the figures of a run come from, and what of it decides whether another run is comparable. */
export interface Provenance {
  readonly report: ReportProvenance;
  readonly machine: GivenFacts;
}

/** Reads it from a worker that is ready. What cannot be found out is `null`. */
export async function readProvenance(worker: WorkerTestHarness, stubConfig: object | undefined): Promise<Provenance> {
  const [{ version }, { modelFile }, commit] = await Promise.all([
    readWorkerKey(worker),
    worker.internals.recordings.describe(),
    readCommit(process.cwd()),
  ]);
  return {
    report: {
      command: scrubText(quoteCommand(["inference-testkit", ...process.argv.slice(2)])),
      commit: commit ?? null,
      workerVersion: version === "unknown" ? null : (version ?? null),
      stubConfig: stubConfig === undefined ? null : { ...stubConfig },
    },
    machine: { modelHash: modelFile?.sha256 ?? null },
  };
}
