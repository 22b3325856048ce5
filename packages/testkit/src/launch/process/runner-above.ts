import { readOf, readStatus } from "./process-status.js";

/** The parent of this process; the start time distinguishes it from a later process with the same pid. */
export interface RunnerAbove {
  readonly pid: number;
  readonly startTime: string;
  /** It has an IPC channel to this process. */
  readonly hasChannel: boolean;
}

const NODE_TEST_VARIABLE = "NODE_TEST_CONTEXT";

/**
 * The test runner that started this process to run tests in it, or `undefined`. It is the parent, if
 *
 * - the parent communicates with this process: an IPC channel is open (Vitest's forks, Jest's and Playwright's workers), or
 *   the parent is `node --test`, which sets a variable for the processes that run test files;
 * - and both are in the same session. A process that is meant to outlive its parent is started in its own session
 *   (`detached`).
 *
 * A shell, `npm`, `nohup` or a wrapper script has no channel, so a runner may outlive those. If the tests run in threads, the
 * runner is this process itself.
 */
export function findRunnerAbove(): RunnerAbove | undefined {
  const hasChannel = process.connected; // `undefined` in threads and in processes without a channel
  if (!hasChannel && !isNodeTestChild()) return undefined;
  const own = readStatus(process.pid);
  const parent = readStatus(process.ppid);
  if (own === undefined || parent?.isRunning !== true || parent.sessionId !== own.sessionId) return undefined;
  return { pid: parent.pid, startTime: parent.startTime, hasChannel };
}

/**
 * Whether the runner above has closed the channel while it is alive: from then on this process may outlive it. A runner that
 * is being killed also closes its channels before it is gone; that does not count.
 */
export function hasLetGo(runner: RunnerAbove): boolean {
  if (!runner.hasChannel || process.connected) return false;
  const now = readStatus(runner.pid);
  return now?.isRunning === true && !now.isEnding && now.startTime === runner.startTime;
}

/** The variable is inherited: if the parent has it too, the parent is a test file, not the runner. */
function isNodeTestChild(): boolean {
  if (process.env[NODE_TEST_VARIABLE]?.startsWith("child") !== true) return false;
  return !readOf(process.ppid, "environ").includes(`${NODE_TEST_VARIABLE}=`);
}
