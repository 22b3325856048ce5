import { joinSignals } from "../system/index.js";
import { orcd, type Dialect, type Slots } from "../dialects/index.js";
import { widenTestTimeout } from "../deadline/index.js";
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

export const IDLE_OPTIONS = defineOptions({
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
 * @throws {IDLE_TIMEOUT} the message has the slots of the last complete response, if there was one. @throws {STREAM_ABORTED} `signal` fired.
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
  let last: Seen | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const leftMs = startedAtMs + timeoutMs - performance.now();
    const slots = await readInTime((call) => probe?.() ?? askSlots(target, call), {
      timeoutMs: Math.max(1, leftMs),
      signal,
    }).catch((error: unknown) => {
      throw explainTestTimeout(error, last, startedAtMs) ?? error;
    });
    const waitedMs = performance.now() - startedAtMs;
    if (slots?.busy === 0 && (slots.queued ?? 0) === 0) return { waitedMs };
    refuseAborted(signal);
    if (slots !== undefined) last = { slots, afterMs: waitedMs };
    if (waitedMs >= timeoutMs || slots === undefined)
      throw createIdleTimeout(last, { target, timeoutMs, isAnswered: slots !== undefined });
    await pause(pauseMs, signal);
    refuseAborted(signal);
  }
}

/** The limit of the test ended the last question: what was waited for is that the worker is idle. */
function explainTestTimeout(error: unknown, last: Seen | undefined, sinceMs: number): TestkitError | undefined {
  const { busy, queued = 0 } = last?.slots ?? {};
  const seen = busy === undefined ? "it has not reported its slots" : `${busy} busy, ${queued} queued`;
  return widenTestTimeout(error, {
    waitingFor: `the worker to be idle: ${seen}`,
    sinceMs,
    details: { ...last?.slots },
  });
}

function requireSlots({ dialect = orcd }: JobTarget): void {
  if (dialect.slots !== undefined) return;
  throw new InvalidOptionError({
    message: `Expected a worker whose dialect reports its slots for \`waitForIdle()\`, got \`${dialect.name}\`: this dialect has no slots`,
    hint: "Pass `probe`, a function that reads how busy the server is, or wait for something else, such as the outcomes of the jobs.",
  });
}

/** The slots of one answer. */
interface Seen {
  readonly slots: Slots;
  readonly afterMs: number;
}

/** How long one answer may take. */
interface Call {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** `undefined` if the answer was not complete in time, wherever it stopped: a head may arrive without its body. */
async function readInTime(
  read: (call: Call) => Slots | Promise<Slots>,
  { timeoutMs, signal }: Call,
): Promise<Slots | undefined> {
  const late = new AbortController();
  const ended = joinSignals(late.signal, signal);
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const isOver = new Promise<undefined>((resolve) =>
      ended.addEventListener("abort", () => resolve(undefined), { once: true }),
    );
    return await Promise.race([read({ timeoutMs, signal: ended }), isOver]);
  } catch (error) {
    if (isTestkitError(error, "LIMIT_HEADERS")) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function askSlots(target: JobTarget, call: Call): Promise<Slots> {
  return target.slots === undefined ? (await target.health(call)).slots : target.slots(call);
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new StreamError("STREAM_ABORTED", { message: "waitForIdle() was aborted", cause: signal.reason });
}

function describePaths({ slots = [] }: Dialect): string {
  return [slots]
    .flat()
    .map(({ path }) => path)
    .join("` or `");
}

function createIdleTimeout(
  last: Seen | undefined,
  { target, timeoutMs, isAnswered }: { target: JobTarget; timeoutMs: number; isAnswered: boolean },
): TestkitError {
  const { dialect = orcd } = target;
  if (last === undefined) {
    const message = `after ${timeoutMs} ms the worker does not answer \`${describePaths(dialect)}\` completely`;
    return new TestkitError("IDLE_TIMEOUT", { message });
  }
  const { slots, afterMs } = last;
  const { total, busy, queued } = slots;
  const share = total === undefined ? `${busy}` : `${busy} of ${total}`;
  const waiting = queued === undefined ? "" : `, and ${plural(queued, "job")} ${queued === 1 ? "is" : "are"} queued`;
  const message = `after ${timeoutMs} ms ${share} ${share === "1" ? "slot is" : "slots are"} still busy${waiting}${isAnswered ? "" : `; the last complete answer arrived after ${Math.round(afterMs)} ms`}`;
  return new TestkitError("IDLE_TIMEOUT", { message, details: { ...slots } });
}
