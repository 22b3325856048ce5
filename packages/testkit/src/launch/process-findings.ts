import type { SeenFinding } from "../findings/index.js";
import { describeExit } from "./exit-info.js";
import type { ResolvedLaunchOptions } from "./options.js";
import type { StopReport } from "./process/stop-process.js";

/** The stopped worker. */
export interface StoppedWorker {
  readonly pid: number;
  readonly options: Pick<ResolvedLaunchOptions, "stopGraceMs" | "shutdownSignal" | "host">;
}

const MOST_SHOWN = 5;

/** What the stop of a worker showed to be wrong, whether or not the test checks it. */
export function findProcessFindings(worker: StoppedWorker, report: StopReport): readonly SeenFinding[] {
  const found = [ignoredSignal(worker, report), leftBehind(worker, report), exposed(worker, report)];
  return found.filter((finding) => finding !== undefined);
}

/** A crash is an error of its own. */
export function findUnaskedEnd(pid: number, { exit, endedBefore }: StopReport): SeenFinding | undefined {
  if (!endedBefore || exit.kind !== "exited" || exit.code !== 0) return undefined;
  return { code: "ENDED_UNASKED", message: `pid ${pid} ended with exit code 0 before it was stopped` };
}

/** A grace of 0 asks for SIGKILL at once. */
function ignoredSignal({ pid, options }: StoppedWorker, { killed }: StopReport): SeenFinding | undefined {
  const { stopGraceMs: graceMs, shutdownSignal } = options;
  if (!killed || graceMs === 0) return undefined;
  const message = `pid ${pid} was still running ${graceMs} ms after ${shutdownSignal} and was killed`;
  return { code: "SIGTERM_IGNORED", message };
}

function leftBehind({ pid, options }: StoppedWorker, report: StopReport): SeenFinding | undefined {
  const { survivors, exit, endedBefore, killed } = report;
  if (survivors.length === 0) return undefined;
  const list = survivors.slice(0, MOST_SHOWN).map(({ pid: child, command, shared }) => {
    return `${child} (${command})${shared === undefined ? "" : `, which shares ${shared} with it`}`;
  });
  if (survivors.length > MOST_SHOWN) list.push(`and ${survivors.length - MOST_SHOWN} more`);
  const count = survivors.length === 1 ? "1 process" : `${survivors.length} processes`;
  const message = `${count} outlived pid ${pid} and had to be killed: ${list.join("; ")}`;
  const wasKilled = endedBefore && exit.kind === "signalled" && exit.signal === "SIGKILL";
  const explainedBy = wasKilled
    ? describeExit(exit)
    : killed && options.stopGraceMs === 0
      ? "`stopGraceMs: 0`"
      : undefined;
  return { code: "CHILD_LEFT_BEHIND", message, ...(explainedBy === undefined ? {} : { explainedBy }) };
}

/** A test that chooses such an address asks for it. */
function exposed({ options: { host } }: StoppedWorker, { exposedOn }: StopReport): SeenFinding | undefined {
  if (exposedOn.length === 0 || !isLoopback(host)) return undefined;
  return { code: "LISTENS_BEYOND_LOOPBACK", message: `it listens on ${exposedOn.join(", ")}, not only on ${host}` };
}

function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(host);
}
