import type { Arrival } from "../schedule/arrivals.js";

/** Position in the whole schedule, which several clients may share. */
export interface PlannedArrival extends Arrival {
  readonly index: number;
}

/** Node's timers fire immediately if the delay is longer. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Calls `send` at the time of each arrival, never early. One timer waits for the next arrival, always computed from the start: a late timer
 * delays only its own request. `setTimeout` is accurate to about a millisecond; the records have the actual delay.
 *
 * @param startAtMs start of the schedule, on the clock of `performance.now()`.
 * @returns once all were sent, or `signal` fired.
 */
export function sendOnTime(
  arrivals: readonly PlannedArrival[],
  { startAtMs, signal }: { startAtMs: number; signal: AbortSignal },
  send: (arrival: PlannedArrival, schedAtMs: number) => void,
): Promise<void> {
  return new Promise((resolve) => {
    let next = 0;
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const step = (): void => {
      for (; ; next += 1) {
        const arrival = arrivals[next];
        if (arrival === undefined || signal.aborted) {
          finish();
          return;
        }
        const waitMs = startAtMs + arrival.atMs - performance.now();
        // A timer can fire up to a millisecond early, because libuv rounds its clock.
        if (waitMs > 0) {
          timer = setTimeout(step, Math.min(waitMs, LONGEST_TIMER_MS));
          return;
        }
        send(arrival, startAtMs + arrival.atMs);
      }
    };
    signal.addEventListener("abort", finish);
    step();
  });
}
