import { AssertionFailedError, checkOption } from "../errors/index.js";
import { countOf, describeEvent, describeProgress } from "../events/index.js";
import type { JobOutcome, OkOutcome } from "./job-outcome.js";

const SHOWN_FAILURES = 3;
const LAST_EVENTS = 3;

/**
 * Fails unless every job is `ok`; no outcome at all fails as well.
 *
 * @throws {NOT_ALL_OK} with the counts by status and the first three failures in full. @throws {INVALID_OPTION} no list.
 * @example assertAllOk(await worker.executeAll(requests));
 */
export function assertAllOk(outcomes: readonly JobOutcome[]): asserts outcomes is OkOutcome[] {
  const isList: boolean = Array.isArray(outcomes);
  checkOption(isList, "outcomes", { wanted: "the outcomes of executeAll()", value: outcomes });
  const failures = outcomes.filter((outcome) => outcome.status !== "ok");
  if (failures.length === 0 && outcomes.length > 0) return;
  const byStatus = countByStatus(outcomes);
  const counts = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
  const got =
    outcomes.length === 0 ? "got no outcome at all" : `of ${countOf(outcomes.length, "job")}: ${counts.join(", ")}`;
  const lines = [`Expected every job to be ok, ${got}`, ...failures.slice(0, SHOWN_FAILURES).flatMap(describeFailure)];
  if (failures.length > SHOWN_FAILURES) lines.push(`and ${failures.length - SHOWN_FAILURES} more`);
  throw new AssertionFailedError("NOT_ALL_OK", { message: lines.join("\n"), details: { byStatus } });
}

function countByStatus(outcomes: readonly JobOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function describeFailure(outcome: Exclude<JobOutcome, OkOutcome>): string[] {
  const { index, jobId, status, message, stream, correlationId, error } = outcome;
  const name = jobId === undefined ? "without an id" : JSON.stringify(jobId);
  const trace = correlationId === undefined ? "" : ` (correlation id ${correlationId})`;
  const lines = [`[${index}] job ${name}${trace} is ${status}: ${message}`];
  if (stream !== undefined) {
    lines.push(`received ${describeProgress(stream)}`);
    for (const event of stream.events.slice(-LAST_EVENTS)) lines.push(`  ${describeEvent(event)}`);
  }
  if (error instanceof Error && stream === undefined) lines.push(...error.message.split("\n").slice(1));
  return [lines[0] ?? "", ...lines.slice(1).map((line) => `    ${line}`)];
}
