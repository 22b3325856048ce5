import type { FaultAccount } from "worker-orcd-control";
import { InvalidOptionError } from "../errors/index.js";
import { findNeverFired } from "../injection/index.js";

/**
 * Fails unless every armed fault happened at least once: a test whose fault stayed away has proved nothing.
 *
 * @param where who kept the books, for the message, e.g. "the proxy".
 * @throws {FAULT_NEVER_FIRED} listing each with how often it matched and why it was bypassed.
 */
export function assertAllFired(accounts: readonly FaultAccount[], where: string): void {
  const error = findNeverFired(accounts, where);
  if (error !== undefined) throw error;
}

/** The refusal of a list of faults, from what `parseFaults` says. */
export function createFaultRefusal(cause: unknown): InvalidOptionError {
  return new InvalidOptionError({ message: (cause as Error).message });
}
