import type { FaultAccount } from "worker-orcd-control";
import { AssertionFailedError } from "../errors/index.js";

/** The faults that were armed, never happened, and were not allowed to stay away. */
export function findUnfired(accounts: readonly FaultAccount[]): readonly FaultAccount[] {
  return accounts.filter(({ fired, mayNotFire }) => fired === 0 && !mayNotFire);
}

/** Which requests count, where that is not what one expects. */
const WATCHED: Readonly<Record<string, string>> = {
  kill: "; those of this harness are watched, not those that go through a FaultProxy",
  pause: "; those of this harness are watched, not those that go through a FaultProxy",
};

/** One fault and why it did not happen: `rst#1: matched 1, bypassed 1 (the answer ended after 5 tokens)`. */
function describeAccount({ key, id, matched, bypassed, passedOver }: FaultAccount): string {
  const reasons = Object.entries(bypassed);
  if (matched === 0 && passedOver > 0) {
    return `${key}: \`when\` and \`times\` left out all ${passedOver} requests that \`match\` fitted`;
  }
  if (matched === 0 && reasons.length === 0) return `${key}: no request matched${WATCHED[id] ?? ""}`;
  if (reasons.length === 0) return `${key}: matched ${matched}, not reached`;
  return `${key}: matched ${matched}, bypassed ${reasons.map(([reason, times]) => `${times} (${reason})`).join(", ")}`;
}

/**
 * The error for armed faults that never happened: a test whose fault stayed away has proved nothing. `undefined` if all did.
 *
 * @param where who kept the books, for the message, e.g. "the proxy".
 */
export function findNeverFired(accounts: readonly FaultAccount[], where: string): AssertionFailedError | undefined {
  const unfired = findUnfired(accounts);
  return unfired.length === 0 ? undefined : createNeverFired(unfired, where);
}

/**
 * The error for these faults, whatever their books say about whether it matters. It has no log lines: it often comes together with
 * the failure of the test, which must stay readable next to it.
 */
export function createNeverFired(unfired: readonly FaultAccount[], where: string): AssertionFailedError {
  const count = unfired.length === 1 ? "a fault that was" : `${unfired.length} faults that were`;
  const lines = unfired.map((account) => `  ${describeAccount(account)}`);
  return new AssertionFailedError("FAULT_NEVER_FIRED", {
    message: [`${count} armed at ${where} never happened:`, ...lines].join("\n"),
    details: { faults: unfired.map(({ key }) => key) },
  });
}
