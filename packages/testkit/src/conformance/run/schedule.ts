import type { Check } from "../check.js";

/** How the checks of a run are ordered. */
export interface Schedule<Result> {
  /** Checks that may run beside each other. */
  readonly concurrency: number;
  readonly run: (check: Check) => Promise<Result>;
  /** Called when no check runs, with the results of those that just did; the next one waits for it. */
  readonly between: (results: readonly Result[]) => Promise<void>;
}

/** Runs checks in order: a shared one beside other shared ones, any other alone. Results are in the order of the checks. */
export async function runAll<Result>(checks: readonly Check[], schedule: Schedule<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const batch of toBatches(checks, schedule.concurrency)) {
    const ended = await Promise.all(batch.map((check) => schedule.run(check)));
    results.push(...ended);
    await schedule.between(ended);
  }
  return results;
}

function toBatches(checks: readonly Check[], concurrency: number): Check[][] {
  const batches: Check[][] = [];
  for (const check of checks) {
    const last = batches.at(-1);
    const isOpen = last?.[0]?.isShared === true && last.length < concurrency;
    if (isOpen && check.isShared) last.push(check);
    else batches.push([check]);
  }
  return batches;
}
