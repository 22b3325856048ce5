import { WorkerClient } from "../../client/index.js";
import { mayIgnoreEos, mayRefuseExtensions, takesIgnoreEos } from "../../dialects/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";

/** When to send `ignore_eos`. */
export const IGNORE_EOS_CHOICES = ["auto", "always", "never"] as const;
type IgnoreEosChoice = (typeof IGNORE_EOS_CHOICES)[number];

/** What the requests for one server have, so that it takes them and its answers are comparable. */
export interface RequestFit {
  /** Whether to ask for answers of exactly `max_tokens` tokens, and why. */
  readonly ignoreEos: { readonly sent: boolean; readonly reason: string };
  /** Whether to leave out sampling fields that OpenAI's API does not have. */
  readonly isPlain: boolean;
  readonly hasSeed: boolean;
}

interface Found {
  readonly dialect: string;
  readonly server?: string | undefined;
}

const PROBE_TIMEOUT_MS = 5_000;

/** Decides for one server. A field that a server does not know may be refused: `auto` sends `ignore_eos` only where it is known to be taken. */
export async function fitRequests(
  worker: WorkerTestHarness,
  choice: IgnoreEosChoice,
  signal: AbortSignal,
): Promise<RequestFit> {
  const { name, capabilities } = worker.dialect;
  const found = mayIgnoreEos(name) ? await recognize(worker, signal) : undefined;
  return {
    ignoreEos: chooseIgnoreEos(choice, name, found?.server),
    isPlain: mayRefuseExtensions(name, found),
    hasSeed: capabilities.refused?.includes("seed") !== true,
  };
}

function chooseIgnoreEos(
  choice: IgnoreEosChoice,
  dialect: string,
  server: string | undefined,
): RequestFit["ignoreEos"] {
  if (choice !== "auto") return { sent: choice === "always", reason: `\`--ignore-eos ${choice}\`` };
  if (!mayIgnoreEos(dialect)) return { sent: false, reason: `the dialect \`${dialect}\` has no such field` };
  if (takesIgnoreEos(server, dialect)) return { sent: true, reason: `the server is ${server}, which takes it` };
  const reason = "the server is not known to take it; `--ignore-eos always` sends it nevertheless";
  return { sent: false, reason };
}

/** A worker whose dialect was given has not been asked yet. */
async function recognize(worker: WorkerTestHarness, signal: AbortSignal): Promise<Found | undefined> {
  if (worker.recognizedBy !== undefined) return { dialect: worker.dialect.name, server: worker.server };
  const client = new WorkerClient({ baseUrl: worker.baseUrl, headers: worker.headers });
  try {
    return (await client.probe({ signal, timeoutMs: PROBE_TIMEOUT_MS })).recognized;
  } catch {
    return undefined; // it may still serve jobs
  } finally {
    await client.close();
  }
}
