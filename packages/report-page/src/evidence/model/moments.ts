import type { PageBundle, PageRequest } from "../../testkit.js";

/** Something that happened to a request from outside its stream. */
export interface Moment {
  readonly kind: "cancel" | "fault";
  readonly atMs: number;
  readonly label: string;
}

/** A call about a job may come after its end. */
const LATE_MS = 1_000;
/** The log has whole milliseconds of another clock. */
const CLOCK_MS = 2;

/** Cancel calls for a job, faults that fired for it, and those that fired while it was running and name no job. */
export function findMoments(bundle: PageBundle, exchange: PageRequest, endMs: number): Moment[] {
  const { sentAtMs } = exchange;
  const found = [...findCancels(bundle, exchange), ...findFaults(bundle, exchange)];
  const fits = ({ atMs, isNamed }: Found): boolean => {
    return atMs >= sentAtMs - CLOCK_MS && atMs <= endMs + (isNamed ? LATE_MS : CLOCK_MS);
  };
  return found.filter(fits).map(({ kind, atMs, label }) => ({ kind, atMs: Math.max(atMs, sentAtMs), label }));
}

interface Found extends Moment {
  /** Whether it names the job. */
  readonly isNamed: boolean;
}

function findCancels({ exchanges }: PageBundle, { jobId }: PageRequest): Found[] {
  if (jobId === null) return [];
  const path = `/cancel/${encodeURIComponent(jobId)}`;
  const calls = exchanges.filter((each) => !each.isJob && (each.path === path || isCancelOf(each, jobId)));
  return calls.map(({ sentAtMs, request, path: called }) => ({
    kind: "cancel",
    atMs: sentAtMs,
    isNamed: true,
    label: `${called} (request ${request})`,
  }));
}

function isCancelOf({ path, body }: PageRequest, jobId: string): boolean {
  return path === "/cancel" && body?.kind === "json" && body.text === JSON.stringify({ job_id: jobId });
}

/** The worker's log has every firing of a fault of the stub, with its job; the record of a fault has the first one. */
function findFaults({ log, faults }: PageBundle, { jobId }: PageRequest): Found[] {
  const logged = log.flatMap(({ atMs, text }) => {
    const line = text.includes('"fault_fired"') ? readLine(text) : undefined;
    return line?.event === "fault_fired" ? [{ atMs, ...line }] : [];
  });
  const own = logged.filter(({ job_id: id }) => id === undefined || id === null || id === jobId);
  const known = new Set(logged.map(({ fault }) => fault));
  const others = faults.flatMap(({ key, firedAtMs }) => {
    return firedAtMs === undefined || known.has(key) ? [] : [{ fault: key, atMs: firedAtMs, job_id: undefined }];
  });
  return [...own, ...others].map(({ fault, atMs, job_id: id }) => {
    return { kind: "fault", atMs, label: `${fault} fired`, isNamed: typeof id === "string" };
  });
}

function readLine(text: string): { event?: unknown; fault: string; job_id?: string | null } | undefined {
  try {
    const line = JSON.parse(text) as { event?: unknown; fault?: unknown; job_id?: string | null };
    return { ...line, fault: String(line.fault) };
  } catch {
    return undefined;
  }
}
