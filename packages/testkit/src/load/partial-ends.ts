import type { EndReason } from "./result.js";

const PARTIAL_ENDS: readonly EndReason[] = ["error-rate", "abort", "stall", "client-lost"];

/** Whether a run that ended for this reason is partial. */
export function isPartialEnd(by: EndReason): boolean {
  return PARTIAL_ENDS.includes(by);
}
