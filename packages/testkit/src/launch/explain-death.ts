import { isTestkitError } from "../errors/index.js";
import { describeExit } from "./exit-info.js";
import type { LaunchedWorker } from "./launched-worker.js";
import { createProcessDiedError } from "./start-errors.js";
import { settlesWithin } from "./wait.js";

/** A socket often closes a little before the end of its process is known. */
const EXIT_FOLLOWS_MS = 300;

/**
 * The reason behind a failed call: a connection that breaks because the worker ended is the worker's death, and is reported with its
 * exit and its last words. Every other error is returned as it is.
 *
 * @param during what was going on, for the message.
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

/** How the process ended, in one clause, or `undefined` if it lives. Asked after a broken connection, so it waits a little for the end. */
export async function findExit(worker: LaunchedWorker): Promise<string | undefined> {
  await settlesWithin(worker.exited, EXIT_FOLLOWS_MS);
  return worker.exitInfo === undefined ? undefined : `the worker ended with ${describeExit(worker.exitInfo)}`;
}
