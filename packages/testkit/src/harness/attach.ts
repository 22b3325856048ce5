import { isKeyWanted, WorkerClient, type CallOptions } from "../client/index.js";
import type { Dialect } from "../dialects/index.js";
import { InvalidResponseError } from "../errors/index.js";
import { resolveStreamTimeouts } from "../events/index.js";
import { FaultSession } from "../faults/index.js";
import { FindingLog } from "../findings/index.js";
import type { WorkerLogs } from "../launch/index.js";
import { resolveOptions, type ResolvedOptionsOf } from "../options/index.js";
import { createKeyWantedError } from "./key-wanted.js";
import { ATTACH_OPTIONS, type AttachOptions } from "./options.js";
import { watchStart } from "./finding-watch.js";
import { recognizeServerAt } from "./recognize-server.js";
import type { CurrentTest, HarnessParts } from "./start.js";

type Resolved = ResolvedOptionsOf<typeof ATTACH_OPTIONS> & { readonly logs: WorkerLogs | undefined };

/** A client that is connected, and whom it reaches. */
type Attached = Pick<HarnessParts, "client" | "workerId" | "recognized" | "test" | "noticed">;

/** Connects to a worker that runs already. */
export async function attachWorker(url: string, options: AttachOptions, logs?: WorkerLogs): Promise<HarnessParts> {
  const resolved = { ...resolveOptions(ATTACH_OPTIONS, options), logs };
  const { dialect } = resolved;
  const attached =
    dialect === undefined ? await attachToAny(url, resolved) : await attachTo(url, { ...resolved, dialect });
  const faults = new FaultSession({ process: undefined, startFaults: [], hostFaults: [] });
  return { ...attached, faults, logs, process: undefined, allow: resolved.allow };
}

async function attachToAny(url: string, options: Resolved): Promise<Attached> {
  const { dialect, recognized } = await recognizeServerAt(url, options);
  return { ...(await attachTo(url, { ...options, dialect })), recognized };
}

async function attachTo(url: string, options: Resolved & { readonly dialect: Dialect }): Promise<Attached> {
  const { timeouts, signal, dialect, model, headers, logs } = options;
  const test: CurrentTest = {};
  const deadline = () => test.deadline;
  const logTail = () => logs?.tail() ?? [];
  const client = new WorkerClient({ baseUrl: url, timeouts, dialect, model, headers, deadline, logTail });
  const call = callOptions(timeouts, signal);
  const noticed = new FindingLog();
  const unwatch = client.addWatcher(watchStart(noticed));
  try {
    const workerId = await findWorker(client, call);
    unwatch();
    await client.prepare();
    return { client, test, workerId: workerId ?? "unknown", noticed };
  } catch (error) {
    await client.close();
    throw error;
  }
}

function callOptions(timeouts: Resolved["timeouts"], signal: AbortSignal | undefined): CallOptions {
  return { signal, timeoutMs: resolveStreamTimeouts(timeouts).headersMs };
}

/** Any answer shows that there is a server; one that wants a key would refuse every job. @throws {HTTP_FAILED} */
async function findWorker(client: WorkerClient, call: CallOptions): Promise<string | undefined> {
  const { identity, ready, name } = client.dialect;
  const response = await client.request(identity?.path ?? ready?.path ?? "/", call);
  const asked = identity ?? ready;
  if (asked !== undefined && isKeyWanted(response.status)) throw createKeyWantedError(response);
  if (identity !== undefined) return readWorkerId(identity, response.url, await response.text());
  response.abort(`the dialect ${name} has no identity`); // it has answered
  return undefined;
}

function readWorkerId(identity: NonNullable<Dialect["identity"]>, url: string, body: string): string | undefined {
  try {
    return identity.parse(body);
  } catch (cause) {
    throw new InvalidResponseError({
      message: `the answer of ${url} is not valid: ${(cause as Error).message}`,
      cause,
    });
  }
}
