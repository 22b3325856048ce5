import { isTestkitError, WrongIdentityError } from "../../errors/index.js";
import { formatCommand } from "../format-command.js";
import type { PortOwner } from "./port-owner.js";

/** What reports about a worker's port need to know about the worker. */
export interface CheckedWorker {
  readonly pid: number;
  readonly plan: { readonly command: string; readonly args: readonly string[] };
}

/** Where the worker should listen. */
export interface CheckedPort {
  readonly host: string;
  readonly port: number;
}

const WAY_OUT =
  "End that process, or leave out `port` and write `{port}` in `args`. If it listens on behalf of the worker, as the proxy of a container does, set `checkPortOwner: false`.";

/** The error for a port on which another process listens. */
export function createForeignOwnerError(
  { host, port }: CheckedPort,
  owner: Extract<PortOwner, { status: "other" }>,
  worker: CheckedWorker,
): WrongIdentityError {
  const { pid, command } = owner;
  return new WrongIdentityError({
    message: `Port ${port} on ${host} belongs to another process, pid ${pid} (${command}), not to the worker that was started`,
    hint: WAY_OUT,
    details: { command: formatCommand(worker.plan), pid: worker.pid, owner: { pid, command } },
  });
}

/** Whether an error is one of {@link createForeignOwnerError}. */
export function isForeignOwner(error: unknown): boolean {
  return isTestkitError(error, "WRONG_IDENTITY") && "owner" in error.details;
}

const warned = new Set<string>();

/** Warns that another process may be answering. Once per reason, because a reason applies to every worker of a run. */
export function warnUnverified({ host, port }: CheckedPort, reason: string): void {
  if (warned.has(reason)) return;
  warned.add(reason);
  process.emitWarning(`Nothing proves that the worker itself answers on ${host}:${port}: ${reason}`, {
    type: "InferenceTestkitWarning",
    code: "PORT_OWNER_UNVERIFIED",
    detail:
      "Set `checkPortOwner: false` if this is expected. The warning is printed once; see `portOwner` of each worker.",
  });
}
