import { combine, hashText, toUnit } from "../random.js";
import type { ResolvedFault } from "./fault-spec.js";

/** A request, connection or probe that a fault can happen to. */
export interface FaultOpportunity {
  readonly jobId?: string | undefined;
  readonly path?: string | undefined;
  /** Whether a request runs a job; a fault without a `path` in its `match` applies only to those. */
  readonly isJob?: boolean | undefined;
}

/** What the trigger of a fault has seen so far, including the current opportunity. */
export interface TriggerCounts {
  /** Opportunities that match `match`. */
  readonly seen: number;
  readonly fired: number;
  /** Chosen, but neither fired nor bypassed yet. */
  readonly pending: number;
}

/** Whether an opportunity matches `match`. Without a `path`, only jobs do. */
export function fitsMatch({ match }: ResolvedFault, { jobId, path, isJob }: FaultOpportunity): boolean {
  if (match.jobId !== undefined && (jobId === undefined || !matchesPattern(match.jobId, jobId))) return false;
  if (path === undefined) return true;
  return match.path === undefined ? isJob === true : matchesPattern(match.path, path);
}

/** Whether `when` and `times` select this opportunity. */
export function isChosen({ when, times }: ResolvedFault, { seen, fired, pending }: TriggerCounts, draw: number) {
  if (times !== undefined && fired + pending >= times) return false;
  if (when === "always") return true;
  if ("nth" in when) return seen === when.nth;
  if ("first" in when) return seen <= when.first;
  return "every" in when ? seen % when.every === 0 : draw < when.p;
}

/**
 * A number in [0, 1) that depends only on seed, fault and request, so that arming another fault does not change
 * it.
 */
export function drawFor(
  key: string,
  { seed, seen, jobId }: { seed: number; seen: number; jobId?: string | undefined },
) {
  const named = combine(hashText(key), seed);
  return toUnit(combine(named, jobId === undefined ? seen : hashText(jobId)));
}

/** `*` matches any text. */
function matchesPattern(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const source = pattern.split("*").map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "su").test(text);
}
