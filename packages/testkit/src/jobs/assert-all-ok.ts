import { AssertionFailedError } from "../errors/index.js";
import { countOf, describeEvent, describeProgress } from "../events/index.js";
import { checkOption, defineOptions, integer, resolveOptions, type Option } from "../options/index.js";
import { JOB_STATUSES, type JobOutcome, type JobStatus, type OkOutcome } from "./job-outcome.js";

const SHOWN_FAILURES = 3;
const LAST_EVENTS = 3;

const COUNTS = defineOptions(
  Object.fromEntries(JOB_STATUSES.map((status) => [status, integer()])) as Readonly<Record<JobStatus, Option<number>>>,
);

/**
 * Fails unless every job is `ok`. An empty list also fails, and so does a job that completed although it should have been
 * cancelled.
 *
 * @throws {NOT_ALL_OK} with the counts by status and the first three failures in full. @throws {INVALID_OPTION} not a list.
 * @example assertAllOk(await worker.executeAll(requests));
 */
export function assertAllOk(outcomes: readonly JobOutcome[]): asserts outcomes is OkOutcome[] {
  checkOutcomes(outcomes);
  const failures = outcomes.filter((outcome) => outcome.status !== "ok" || hasEscaped(outcome));
  if (failures.length === 0 && outcomes.length > 0) return;
  fail("NOT_ALL_OK", { expected: "every job to be ok", outcomes, failures });
}

/**
 * Fails unless the jobs ended with exactly these statuses. A job that completed although it should have been cancelled is always a
 * failure: "too late" is never a pass.
 *
 * @param expected the number of jobs for each status; 0 for a status that is left out.
 * @throws {OUTCOMES_MISMATCH} with the counts by status and the first three unexpected jobs in full. @throws {INVALID_OPTION}
 * @example assertOutcomes(outcomes, { ok: 90, cancelled: 10 });
 */
export function assertOutcomes(
  outcomes: readonly JobOutcome[],
  expected: Readonly<Partial<Record<JobStatus, number>>>,
): void {
  checkOutcomes(outcomes);
  resolveOptions(COUNTS, expected, "expected");
  const wanted = Object.entries(expected).map(([status, count]) => [status as JobStatus, count] as const);
  const escaped = outcomes.filter(hasEscaped);
  const counts = countByStatus(outcomes);
  const fits = JOB_STATUSES.every((status) => (counts[status] ?? 0) === (expected[status] ?? 0));
  if (fits && escaped.length === 0) return;
  const surplus = outcomes.filter(({ status }) => (counts[status] ?? 0) > (expected[status] ?? 0));
  const failures = [...escaped, ...surplus.filter((outcome) => outcome.status !== "ok")];
  const list = wanted.map(([status, count]) => `${count} ${status}`).join(", ");
  fail("OUTCOMES_MISMATCH", { expected: list === "" ? "no job" : list, outcomes, failures });
}

interface Mismatch {
  readonly expected: string;
  readonly outcomes: readonly JobOutcome[];
  readonly failures: readonly JobOutcome[];
}

function fail(code: "NOT_ALL_OK" | "OUTCOMES_MISMATCH", { expected, outcomes, failures }: Mismatch): never {
  const byStatus = countByStatus(outcomes);
  const counts = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
  const got = outcomes.length === 0 ? "got no outcomes" : `of ${countOf(outcomes.length, "job")}: ${counts.join(", ")}`;
  const lines = [`Expected ${expected}, ${got}`, ...failures.slice(0, SHOWN_FAILURES).flatMap(describeFailure)];
  if (failures.length > SHOWN_FAILURES) lines.push(`and ${failures.length - SHOWN_FAILURES} more`);
  throw new AssertionFailedError(code, { message: lines, details: { byStatus } });
}

function checkOutcomes(outcomes: readonly JobOutcome[]): void {
  const isList: boolean = Array.isArray(outcomes);
  checkOption(isList, "outcomes", { wanted: "the outcomes of executeAll()", value: outcomes });
}

/** It completed although it should have been cancelled. */
function hasEscaped({ status, cancel }: JobOutcome): boolean {
  return status === "ok" && cancel !== undefined;
}

function countByStatus(outcomes: readonly JobOutcome[]): Partial<Record<JobStatus, number>> {
  const counts: Partial<Record<JobStatus, number>> = {};
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function describeFailure(outcome: JobOutcome): string[] {
  const { index, jobId, correlationId, stream } = outcome;
  const name = jobId === undefined ? "without an id" : JSON.stringify(jobId);
  const trace = correlationId === undefined ? "" : ` (correlation id ${correlationId})`;
  const [reason = "", ...more] = reasonOf(outcome).split("\n");
  const lines = [`[${index}] job ${name}${trace} is ${outcome.status}: ${reason}`, ...more];
  if (stream !== undefined) {
    lines.push(`received ${describeProgress(stream)}`);
    for (const event of stream.events.slice(-LAST_EVENTS)) lines.push(`  ${describeEvent(event)}`);
  } else if (outcome.status !== "ok" && outcome.error instanceof Error) {
    lines.push(...outcome.error.message.split("\n").slice(1));
  }
  return [lines[0] ?? "", ...lines.slice(1).map((line) => `    ${line}`)];
}

function reasonOf(outcome: JobOutcome): string {
  if (outcome.status !== "ok") return outcome.message;
  const { cancel } = outcome;
  if (cancel === undefined || cancel.status === "cancelled") return "it completed";
  return `it should have been cancelled, but the cancellation was ${cancel.status}: ${cancel.reason}`;
}
