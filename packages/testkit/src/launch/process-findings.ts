import type { SeenFinding } from "../findings/index.js";
import type { ResolvedLaunchOptions } from "./options.js";
import type { StopReport } from "./process/stop-process.js";

/** The stopped worker, as far as messages name it. */
export interface StoppedWorker {
  readonly workerId: string;
  readonly pid: number;
  readonly options: Pick<ResolvedLaunchOptions, "stopGraceMs" | "shutdownSignal">;
}

/** What the stop of a worker showed to be wrong, whether or not the test checks it. */
export function findProcessFindings(worker: StoppedWorker, report: StopReport): readonly SeenFinding[] {
  return [ignoredSignal(worker, report)].filter((finding) => finding !== undefined);
}

/** A grace of 0 asks for SIGKILL at once. */
function ignoredSignal({ pid, options }: StoppedWorker, { killed }: StopReport): SeenFinding | undefined {
  const { stopGraceMs: graceMs, shutdownSignal } = options;
  if (!killed || graceMs === 0) return undefined;
  const message = `pid ${pid} was still running ${graceMs} ms after ${shutdownSignal} and was killed`;
  return { code: "SIGTERM_IGNORED", message };
}
