import type { Dialect } from "../dialects/index.js";
import type { CallOptions, LoadingHint, WorkerClient } from "../client/index.js";
import { WrongIdentityError } from "../errors/index.js";
import { createForeignOwnerError, type LaunchedWorker } from "../launch/index.js";

const LONGEST_SHOWN = 200;
const REPORT_IT =
  "It must answer with JSON that has the value of `{workerId}` as `worker_id`. If the program uses `{workerId}` for something else, set `checkIdentity: false`.";

/** Whose identity is checked, and how to query it. */
export interface IdentityCheck {
  readonly client: WorkerClient;
  readonly worker: LaunchedWorker;
  readonly options: CallOptions;
  readonly loading?: LoadingHint | undefined;
}

/**
 * Checks who answers on the port. If the answer does not have the worker's id, the owner of the port decides: it is another process, or
 * the worker itself, which does not report its id.
 *
 * @throws {WRONG_IDENTITY} the answer carries another `worker_id`, or none.
 */
export async function validateIdentity({ client, worker, options, loading }: IdentityCheck): Promise<void> {
  const { identity } = client.dialect;
  if (identity === undefined) return;
  const response = await client.request(identity.path, options);
  const body = await response.text();
  const answered = readId(identity, body);
  if (answered === worker.workerId) return;
  const got = `${describeId(answered, body)} (status ${response.status})`;
  throw await createIdentityError(worker, {
    url: client.baseUrl,
    path: identity.path,
    got,
    hint: loading?.forStatus(response.status),
  });
}

interface WrongAnswer {
  readonly url: string;
  readonly path: string;
  readonly got: string;
  readonly hint: string | undefined;
}

async function createIdentityError(worker: LaunchedWorker, answer: WrongAnswer): Promise<WrongIdentityError> {
  const owner = await worker.findPortOwner();
  const { command, args, pid, workerId } = worker;
  if (owner.status === "other") return createForeignOwnerError(worker, owner, { pid, plan: { command, args } });
  const { url, path, got, hint } = answer;
  const details = { url, expected: workerId, got, pid };
  if (owner.status === "worker") {
    const message = `The worker that was started answers on ${url}, but its ${path} reports ${got} instead of \`${workerId}\``;
    return new WrongIdentityError({ message, hint: hint ?? REPORT_IT, details });
  }
  const message = `Expected ${url}${path} to report worker \`${workerId}\`, got ${got}; the process listening there is unknown: ${owner.reason}`;
  return new WrongIdentityError({
    message,
    hint: hint ?? `Another process may have the port. If not: ${REPORT_IT}`,
    details,
  });
}

function readId(identity: NonNullable<Dialect["identity"]>, body: string): string | undefined {
  try {
    return identity.parse(body);
  } catch {
    return undefined; // an empty body, or a plain "ok"
  }
}

function describeId(answered: string | undefined, body: string): string {
  if (answered !== undefined) return `worker_id ${JSON.stringify(cut(answered))}`;
  return body === "" ? "no worker_id" : `no worker_id in \`${cut(body)}\``;
}

function cut(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
