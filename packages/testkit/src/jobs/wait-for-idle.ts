import { orcd, type Dialect, type Slots } from "../dialects/index.js";
import { InvalidOptionError, isTestkitError, StreamError, TestkitError } from "../errors/index.js";
import { pause } from "../launch/index.js";
import {
  abortSignal,
  callback,
  defineOptions,
  durationMs,
  resolveOptions,
  withDefault,
  type OptionsOf,
} from "../options/index.js";
import { plural } from "../numbers/index.js";
import { checkTarget, type JobTarget } from "./job-target.js";

const IDLE_OPTIONS = defineOptions({
  /** @default 10000 */
  timeoutMs: withDefault(durationMs(), 10_000),
  /** Ends the waiting. */
  signal: abortSignal(),
  /** Reads how busy the server is, for servers that do not report it. @default the slots of the dialect */
  probe: callback<() => Slots | Promise<Slots>>(),
});

/** Options of {@link waitForIdle}. */
export interface WaitForIdleOptions extends OptionsOf<typeof IDLE_OPTIONS> {}

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

/**
 * Polls the worker until no slot is busy and no job is queued. Resolves with the time that took. Other fields of the answer are
 * not used.
 *
 * @throws {IDLE_TIMEOUT} the message has the slots of the last response, if there was one. @throws {STREAM_ABORTED} `signal` fired.
 * @throws {INVALID_RESPONSE} a response without these fields. @throws {INVALID_OPTION} an invalid option, or a dialect that does
 * not report slots.
 * @throws {HTTP_FAILED} @throws {CONNECT_FAILED}
 * @example
 * await worker.disconnectAfter(request, { tokens: 3, how: "reset" });
 * await waitForIdle(worker, { timeoutMs: 1000 });
 */
export async function waitForIdle(target: JobTarget, options: WaitForIdleOptions = {}): Promise<{ waitedMs: number }> {
  checkTarget(target);
  const { timeoutMs, signal, probe } = resolveOptions(IDLE_OPTIONS, options);
  if (probe === undefined) requireSlots(target);
  const startedAtMs = performance.now();
  let slots: Slots | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const leftMs = startedAtMs + timeoutMs - performance.now();
    const answered = await (probe?.() ?? readSlots(target, { signal, timeoutMs: Math.max(1, leftMs) }));
    slots = answered ?? slots;
    const waitedMs = performance.now() - startedAtMs;
    if (answered?.busy === 0 && (answered.queued ?? 0) === 0) return { waitedMs };
    if (waitedMs >= timeoutMs || answered === undefined) throw createIdleTimeout(target, slots, timeoutMs);
    await pause(pauseMs, signal);
    if (signal?.aborted === true) {
      throw new StreamError("STREAM_ABORTED", { message: "waitForIdle() was aborted", cause: signal.reason });
    }
  }
}

function requireSlots({ dialect = orcd }: JobTarget): void {
  if (dialect.slots !== undefined) return;
  throw new InvalidOptionError({
    message: `Expected a worker whose dialect reports its slots for \`waitForIdle()\`, got \`${dialect.name}\`: this dialect has no slots`,
    hint: "Pass `probe`, a function that reads how busy the server is, or wait for something else, such as the outcomes of the jobs.",
  });
}

/** `undefined` if the remaining time was too short for a response. */
async function readSlots(
  target: JobTarget,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<Slots | undefined> {
  try {
    return target.slots === undefined ? (await target.health(options)).slots : await target.slots(options);
  } catch (error) {
    if (isTestkitError(error, "LIMIT_HEADERS")) return undefined;
    throw error;
  }
}

function describePaths({ slots = [] }: Dialect): string {
  return [slots]
    .flat()
    .map(({ path }) => path)
    .join("` or `");
}

function createIdleTimeout({ dialect = orcd }: JobTarget, slots: Slots | undefined, timeoutMs: number): TestkitError {
  if (slots === undefined) {
    const message = `after ${timeoutMs} ms the worker does not answer \`${describePaths(dialect)}\``;
    return new TestkitError("IDLE_TIMEOUT", { message });
  }
  const { total, busy, queued } = slots;
  const share = total === undefined ? `${busy}` : `${busy} of ${total}`;
  const waiting = queued === undefined ? "" : `, and ${plural(queued, "job")} ${queued === 1 ? "is" : "are"} queued`;
  const message = `after ${timeoutMs} ms ${share} ${share === "1" ? "slot is" : "slots are"} still busy${waiting}`;
  return new TestkitError("IDLE_TIMEOUT", { message, details: { ...slots } });
}
