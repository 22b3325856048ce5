import type { Slots } from "inference-worker-protocol";
import { checkKnownOptions, checkPositive, isTestkitError, StreamError, TestkitError } from "../errors/index.js";
import { pause } from "../launch/index.js";
import { checkTarget, type JobTarget } from "./job-target.js";

/** Options of {@link waitForIdle}. */
export interface WaitForIdleOptions {
  /** @default 10000 */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

/**
 * Asks `/health` until no slot is busy and no job is queued; resolves with how long that took. Needs `slots.busy` and `slots.queued` of
 * the answer, and nothing else.
 *
 * @throws {IDLE_TIMEOUT} naming the slots of the last answer, or that none came. @throws {STREAM_ABORTED} `signal` fired.
 * @throws {INVALID_RESPONSE} an answer without these fields. @throws {INVALID_OPTION} @throws {HTTP_FAILED} @throws {CONNECT_FAILED}
 * @example
 * await worker.disconnectAfter(request, { tokens: 3, how: "reset" });
 * await waitForIdle(worker, { timeoutMs: 1000 });
 */
export async function waitForIdle(target: JobTarget, options: WaitForIdleOptions = {}): Promise<{ waitedMs: number }> {
  checkTarget(target);
  checkKnownOptions("options", options, ["timeoutMs", "signal"] satisfies (keyof WaitForIdleOptions)[]);
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  checkPositive("timeoutMs", timeoutMs);
  const startedAtMs = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const slots = await askSlots(target, { timeoutMs, leftMs: startedAtMs + timeoutMs - performance.now(), signal });
    const waitedMs = performance.now() - startedAtMs;
    if (slots.busy === 0 && slots.queued === 0) return { waitedMs };
    if (waitedMs >= timeoutMs) throw createIdleTimeout(slots, timeoutMs);
    await pause(pauseMs, signal);
    if (signal?.aborted === true) {
      throw new StreamError("STREAM_ABORTED", { message: "waitForIdle() was aborted", cause: signal.reason });
    }
  }
}

/** A worker that does not answer in the time that is left is not idle either. */
async function askSlots(
  target: JobTarget,
  { timeoutMs, leftMs, signal }: { timeoutMs: number; leftMs: number; signal: AbortSignal | undefined },
): Promise<Slots> {
  try {
    const options = { signal, timeoutMs: Math.max(1, leftMs) };
    return target.slots === undefined ? (await target.health(options)).slots : await target.slots(options);
  } catch (cause) {
    if (!isTestkitError(cause, "LIMIT_HEADERS")) throw cause;
    const message = `after ${timeoutMs} ms the worker does not answer \`/health\``;
    throw new TestkitError("IDLE_TIMEOUT", { message, cause });
  }
}

function createIdleTimeout(slots: Slots, timeoutMs: number): TestkitError {
  const { total, busy, queued } = slots;
  const share = total === undefined ? `${busy}` : `${busy} of ${total}`;
  const message = `after ${timeoutMs} ms ${share} slots are still busy, and ${queued} jobs are queued`;
  return new TestkitError("IDLE_TIMEOUT", { message, details: { ...slots } });
}
