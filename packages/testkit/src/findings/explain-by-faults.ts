import type { FaultAccount } from "worker-orcd-control";
import type { SeenFinding } from "./finding.js";
import { FINDINGS } from "./registry.js";

/** The fault that caused a finding, if one has fired that causes such. */
export function explainByFaults({ code }: SeenFinding, accounts: readonly FaultAccount[]): string | undefined {
  const { faults } = FINDINGS[code];
  const fault = accounts.find(({ id, fired }) => fired > 0 && faults.includes(id));
  return fault === undefined ? undefined : `the fault \`${fault.id}\``;
}
