import type { PageBundle, PageRequest } from "../../testkit.js";
import { formatAt } from "../format-at.js";

/** Where a bundle is opened: its first failed job, else one that a failed verdict names, else the first that did not simply complete. */
export function findOpening({ exchanges, verdicts, failures }: PageBundle): PageRequest | undefined {
  const jobs = exchanges.filter(({ isJob }) => isJob);
  const messages = verdicts.filter(({ status }) => status === "fail").map(({ message = "" }) => message);
  const texts = [...messages, ...failures.map(({ message }) => message)];
  return (
    jobs.find(({ status }) => status === "fail") ??
    jobs.find(({ jobId }) => jobId !== null && texts.some((text) => text.includes(jobId))) ??
    jobs.find(({ status }) => status === "warn") ??
    jobs[0] ??
    exchanges[0]
  );
}

/** The event at which a request is opened: where it broke a rule, else its last one if it failed, else none. */
export function findOpeningEvent({ violation, status, events }: PageRequest): number | undefined {
  if (violation !== null) return violation.index;
  return status === "fail" && events.length > 0 ? events.length - 1 : undefined;
}

/** What failed, in one sentence; `undefined` if no failure is recorded. */
export function describeFailure(bundle: PageBundle): string | undefined {
  const failed = bundle.exchanges.find(({ isJob, status }) => isJob && status === "fail");
  if (failed !== undefined) return `${nameOf(failed)}: ${describeProblem(failed)}`;
  const { verdicts, failures, findings } = bundle;
  const verdict = verdicts.find(({ status }) => status === "fail");
  if (verdict !== undefined) return `${verdict.name}: ${firstLine(verdict.message ?? "failed")}`;
  const [failure] = failures;
  if (failure !== undefined) return firstLine(failure.message);
  const finding = findings.find(({ status }) => status === "fails");
  return finding === undefined ? undefined : `${finding.code}: ${firstLine(finding.message)}`;
}

/** What a request is called. */
export function nameOf({ jobId, request, isJob, method, path }: PageRequest): string {
  if (!isJob) return `${method} ${path}`;
  return jobId ?? `request ${request}`;
}

function describeProblem({ violation, summary, events, sentAtMs, outcome }: PageRequest): string {
  if (violation === null) return summary;
  const atMs = events[violation.index]?.[0] ?? outcome?.atMs ?? sentAtMs;
  return `${summary}, ${formatAt(atMs - sentAtMs)} after it was sent`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
