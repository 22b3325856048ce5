import type { PageBundle, PageRequest } from "../../testkit.js";

/** Something that happened to a request from outside its stream. */
export interface Moment {
  readonly kind: "cancel" | "fault";
  readonly atMs: number;
  readonly label: string;
}

/** Cancel calls for a job, and faults that fired for it or for no job by name while it was running. */
export function findMoments(bundle: PageBundle, exchange: PageRequest, endMs: number): Moment[] {
  const moments = [...findCancels(bundle, exchange), ...findFaults(bundle, exchange)];
  const { sentAtMs } = exchange;
  return moments.filter(({ atMs }) => atMs >= sentAtMs && atMs <= Math.max(endMs, sentAtMs) + 1_000);
}

function findCancels({ exchanges }: PageBundle, { jobId }: PageRequest): Moment[] {
  if (jobId === null) return [];
  const path = `/cancel/${encodeURIComponent(jobId)}`;
  const calls = exchanges.filter((each) => !each.isJob && (each.path === path || isCancelOf(each, jobId)));
  return calls.map(({ sentAtMs, request, path: called }) => ({
    kind: "cancel",
    atMs: sentAtMs,
    label: `${called} (request ${request})`,
  }));
}

function isCancelOf({ path, body }: PageRequest, jobId: string): boolean {
  return path === "/cancel" && body?.kind === "json" && body.text === JSON.stringify({ job_id: jobId });
}

/** The worker's log has every firing of a fault of the stub, with its job; the record of a fault has the first one. */
function findFaults({ log, faults }: PageBundle, { jobId }: PageRequest): Moment[] {
  const logged = log.flatMap(({ atMs, text }) => {
    const line = text.includes('"fault_fired"') ? readLine(text) : undefined;
    return line?.event === "fault_fired" ? [{ atMs, ...line }] : [];
  });
  const own = logged.filter(({ job_id: id }) => id === undefined || id === null || id === jobId);
  const known = new Set(logged.map(({ fault }) => fault));
  const others = faults.flatMap(({ key, firedAtMs }) => {
    return firedAtMs === undefined || known.has(key) ? [] : [{ fault: key, atMs: firedAtMs }];
  });
  return [...own, ...others].map(({ fault, atMs }) => ({ kind: "fault", atMs, label: `${fault} fired` }));
}

function readLine(text: string): { event?: unknown; fault: string; job_id?: string | null } | undefined {
  try {
    const line = JSON.parse(text) as { event?: unknown; fault?: unknown; job_id?: string | null };
    return { ...line, fault: String(line.fault) };
  } catch {
    return undefined;
  }
}
