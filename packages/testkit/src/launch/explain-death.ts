import { isTestkitError } from "../errors/index.js";
import { describeExit } from "./exit-info.js";
import type { LaunchedWorker } from "./launched-worker.js";
import { createProcessDiedError } from "./start-errors.js";
import { settlesWithin } from "./wait.js";

/** A socket often closes shortly before the exit of its process is reported. */
const EXIT_FOLLOWS_MS = 300;

/**
 * The cause of a failed call. A connection that breaks because the worker died is reported as that death, with the exit and the last log
 * lines. Any other error is returned unchanged.
 *
 * @param during what was happening at the time, for the message.
 */
export async function explainDeath(
  error: unknown,
  worker: LaunchedWorker | undefined,
  during?: string,
): Promise<unknown> {
  if (worker === undefined || !isTestkitError(error, "CONNECT_FAILED")) return error;
  await settlesWithin(worker.exited, EXIT_FOLLOWS_MS);
  if (worker.exitInfo === undefined) return error;
  return createProcessDiedError(worker, during ?? `: ${error.message.split("\n", 1)[0]}`);
}

/**
 * How the process ended, in one clause; `undefined` if it is alive. Called after a broken connection, so it waits briefly for the exit.
 */
export async function findExit(worker: LaunchedWorker): Promise<string | undefined> {
  await settlesWithin(worker.exited, EXIT_FOLLOWS_MS);
  return worker.exitInfo === undefined ? undefined : `the worker ended with ${describeExit(worker.exitInfo)}`;
}
