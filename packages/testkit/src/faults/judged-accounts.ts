import type { FaultAccount } from "worker-orcd-control";

/**
 * The fault records that are checked when the worker is stopped. A fault of the start is armed in every process of a worker, so it has to
 * fire in only one of them.
 *
 * @param startKeys keys of the faults of the start.
 */
export function selectJudged(accounts: readonly FaultAccount[], startKeys: ReadonlySet<string>): FaultAccount[] {
  const startKeyOf = ({ key }: FaultAccount): string | undefined => {
    const own = key.replace(/@\d+$/, "");
    return startKeys.has(own) ? own : undefined;
  };
  const fired = new Set(accounts.filter((account) => account.fired > 0).map(startKeyOf));
  return accounts.filter((account) => {
    // A worker that became ready did not crash at this start; a failed start has reported the crash.
    if (account.id === "crash-on-start") return false;
    const startKey = startKeyOf(account);
    if (startKey === undefined || account.fired > 0) return true;
    return !account.key.includes("@") && !fired.has(startKey);
  });
}
