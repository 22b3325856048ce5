import { constants } from "node:os";
import type { ProcessDiedError } from "../errors/index.js";
import type { ExitInfo } from "./exit-info.js";
import type { ResolvedLaunchOptions } from "./options.js";
import type { StopReport } from "./process/stop-process.js";
import { createProcessDiedError, type DeadWorker } from "./start-errors.js";

/** What counts as a normal end. */
export type EndRules = Pick<ResolvedLaunchOptions, "shutdownSignal" | "shutdownExitCodes">;

/**
 * The error for a worker that ended abnormally. Normal is exit code 0, and after the shutdown signal also a code in
 * `shutdownExitCodes` or that signal itself. A crash just before the signal and one just after it are both errors, so the result
 * does not depend on which came first.
 */
export function findBadEnd(
  worker: DeadWorker,
  end: Pick<StopReport, "exit" | "endedBefore" | "killed">,
  rules: EndRules & { readonly stoppedBy?: "stopped" | "restarted" | undefined },
): ProcessDiedError | undefined {
  const { exit, endedBefore } = end;
  if (exit.kind === "exited" && exit.code === 0) return undefined;
  if (endedBefore) return createProcessDiedError(worker, `before it was ${rules.stoppedBy ?? "stopped"}`);
  return isNormalEnd(end, rules) ? undefined : createShutdownError(worker, exit, rules);
}

function isNormalEnd(
  { exit, killed }: Pick<StopReport, "exit" | "killed">,
  { shutdownSignal, shutdownExitCodes }: EndRules,
): boolean {
  if (exit.kind === "exited") return [signalCode(shutdownSignal), ...shutdownExitCodes].includes(exit.code);
  return exit.signal === shutdownSignal || (killed && exit.signal === "SIGKILL");
}

function createShutdownError(worker: DeadWorker, exit: ExitInfo, rules: EndRules): ProcessDiedError {
  const { shutdownSignal } = rules;
  const during = `after ${shutdownSignal}, where exit code 0, ${signalCode(shutdownSignal)} or the signal itself is a normal end`;
  const hint =
    exit.kind === "exited"
      ? `It failed during the shutdown, or just before. If it always exits this way, set \`shutdownExitCodes: [${exit.code}]\`.`
      : "It crashed during the shutdown, or just before: look at its last log lines.";
  return createProcessDiedError(worker, during, { hint });
}

/** How shells, and servers that handle the signal, report a signal. */
function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
