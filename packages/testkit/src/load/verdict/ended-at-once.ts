import type { StatusCounts } from "../metrics/summarize.js";

/** What is said of a run in which every answer has an end and no token. */
export const ENDED_AT_ONCE =
  "the model ended at once (EOS): it may need its chat template, which chat endpoints apply to `messages`";

/** Whether every request that was answered got an empty answer. */
export function endedAtOnce({ attempted, byStatus }: StatusCounts): boolean {
  const { empty = 0, aborted = 0 } = byStatus;
  return empty > 0 && empty + aborted === attempted;
}
