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
  readonly cause?: unknown;
}

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
  if (reached === undefined) return undefined;
  const { lines = [], details, logTail, cause } = facts;
  const [first = "", ...rest] = describeWait(reached, facts);
  return new TestkitError("TEST_TIMEOUT", {
    message: [`${first.toUpperCase()}${rest.join("")}`, ...lines],
    details,
    logTail,
    cause,
  });
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
