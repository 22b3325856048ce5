import type { FaultAccount } from "worker-orcd-control";
import { AssertionFailedError } from "../errors/index.js";

/** The armed, non-optional faults that never fired. */
export function findUnfired(accounts: readonly FaultAccount[]): readonly FaultAccount[] {
  return accounts.filter(({ fired, optional }) => fired === 0 && !optional);
}

/** Explains which requests are watched, if that may be unexpected. */
const WATCHED: Readonly<Record<string, string>> = {
  kill: "; only requests of this harness are watched, not those through a FaultProxy",
  pause: "; only requests of this harness are watched, not those through a FaultProxy",
};

/** One fault and why it did not happen: `rst#1: matched 1, bypassed 1 (the answer ended after 5 tokens)`. */
function describeAccount({ key, id, matched, bypassed, skipped }: FaultAccount): string {
  const reasons = Object.entries(bypassed);
  if (matched === 0 && skipped > 0) {
    return `${key}: \`when\` and \`times\` left out all ${skipped} requests that matched`;
  }
  if (matched === 0 && reasons.length === 0) return `${key}: no request matched${WATCHED[id] ?? ""}`;
  if (reasons.length === 0) return `${key}: matched ${matched}, not reached`;
  return `${key}: matched ${matched}, bypassed ${reasons.map(([reason, times]) => `${times} (${reason})`).join(", ")}`;
}

/**
 * The error for armed faults that never fired: without its fault, a test proves nothing. `undefined` if all fired.
 *
 * @param where where they were armed, for the message, such as "the proxy".
 */
export function findNeverFired(accounts: readonly FaultAccount[], where: string): AssertionFailedError | undefined {
  const unfired = findUnfired(accounts);
  return unfired.length === 0 ? undefined : createNeverFired(unfired, where);
}

/**
 * Fails unless every armed fault fired at least once.
 *
 * @param where where they were armed, for the message, such as "the proxy".
 * @throws {FAULT_NEVER_FIRED} lists each fault with how often it matched and why it was bypassed.
 */
export function assertAllFired(accounts: readonly FaultAccount[], where: string): void {
  const error = findNeverFired(accounts, where);
  if (error !== undefined) throw error;
}

/**
 * The error for these faults, optional or not. It has no log lines: it is often thrown together with the failure of the test, which must
 * stay readable.
 */
export function createNeverFired(unfired: readonly FaultAccount[], where: string): AssertionFailedError {
  const count = unfired.length === 1 ? "a fault" : `${unfired.length} faults`;
  const lines = unfired.map((account) => `  ${describeAccount(account)}`);
  return new AssertionFailedError("FAULT_NEVER_FIRED", {
    message: [`${count} armed at ${where} never fired:`, ...lines],
    details: { faults: unfired.map(({ key }) => key) },
  });
}

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
