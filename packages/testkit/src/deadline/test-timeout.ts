import { TestkitError } from "../errors/index.js";
import { DeadlineReached, describeLimit } from "./deadline.js";

/** What was being waited for when the deadline of a test was reached. */
export interface Wait {
  /** As in "waiting for the first token". */
  readonly waitingFor: string;
  /** On the clock of `performance.now()`. */
  readonly sinceMs: number;
}

/** What an error about it adds. */
export interface WaitFacts extends Wait {
  /** Further lines of the message. */
  readonly lines?: readonly string[] | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly logTail?: readonly string[] | undefined;
}

const deadlines = new WeakMap<TestkitError, DeadlineReached>();

/** What the deadline of a test did to a signal: undefined if it has not fired, or for another reason. */
export function findDeadline(signal: AbortSignal | undefined): DeadlineReached | undefined {
  const reason: unknown = signal?.aborted === true ? signal.reason : undefined;
  return reason instanceof DeadlineReached ? reason : undefined;
}

/** In one clause. */
export function describeWait({ limit }: DeadlineReached, { waitingFor, sinceMs }: Wait): string {
  const waitedMs = Math.max(0, Math.round(performance.now() - sinceMs));
  return `${describeLimit(limit)} was about to pass after ${waitedMs} ms of waiting for ${waitingFor}`;
}

/** The error for it, or undefined if the deadline is not what ended the wait. */
export function findTestTimeout(signal: AbortSignal | undefined, facts: WaitFacts): TestkitError | undefined {
  const reached = findDeadline(signal);
  return reached && createTestTimeout(reached, facts);
}

/** The same error for the wait that the one in `error` was a part of; undefined if that is another error. */
export function widenTestTimeout(error: unknown, facts: WaitFacts): TestkitError | undefined {
  const reached = error instanceof TestkitError ? deadlines.get(error) : undefined;
  return reached && createTestTimeout(reached, { logTail: (error as TestkitError).logTail, ...facts });
}

function createTestTimeout(reached: DeadlineReached, facts: WaitFacts): TestkitError {
  const { lines = [], details, logTail } = facts;
  const [first = "", ...rest] = describeWait(reached, facts);
  const message = [`${first.toUpperCase()}${rest.join("")}`, ...lines];
  const error = new TestkitError("TEST_TIMEOUT", { message, details, logTail });
  deadlines.set(error, reached);
  return error;
}

/**
 * Ends a wait at the deadline, even if what it waits for does not.
 *
 * @throws {TEST_TIMEOUT}
 */
export async function raceDeadline<T>(
  signal: AbortSignal | undefined,
  wait: Wait & { readonly logTail?: () => readonly string[] },
  result: Promise<T>,
): Promise<T> {
  if (signal === undefined) return result;
  const over = new AbortController();
  const reached = new Promise<never>((_, reject) => {
    const fail = (): void => {
      const error = findTestTimeout(signal, { ...wait, logTail: wait.logTail?.() });
      if (error !== undefined) reject(error);
    };
    signal.addEventListener("abort", fail, { signal: over.signal });
    fail();
  });
  try {
    return await Promise.race([result, reached]);
  } finally {
    over.abort();
  }
}
