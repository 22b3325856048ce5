import { setTimeout as sleep } from "node:timers/promises";

/** Waits until a time on the clock of `performance.now()`; rejects when the signal fires. Uses no timer if that time has passed. */
export async function sleepUntil(atMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const delayMs = atMs - performance.now();
  if (delayMs > 0) await sleep(Math.ceil(delayMs), undefined, { signal });
}

/** Waits until the signal fires, then rejects. */
export function sleepUntilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
