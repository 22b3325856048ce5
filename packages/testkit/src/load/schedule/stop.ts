import { checkInteger, checkKnownOptions, checkOption, checkPositive } from "../../errors/index.js";
import { isOpen, type LoadProfile } from "./profile.js";

/** When to stop sending, whichever bound is reached first. Requests in flight are awaited. */
export interface StopRule {
  /** Number of requests. @default the length of the list of requests, if it is a list and no `durationMs` is given */
  readonly count?: number | undefined;
  /** Duration of sending in ms. */
  readonly durationMs?: number | undefined;
  /**
   * Stop if more than this share (0..1) of the finished requests failed, once 20 have finished. Requests in flight are cut, and the
   * result is partial.
   */
  readonly errorRate?: number | undefined;
}

/** With every bound filled in. */
export interface ResolvedStop {
  readonly count: number;
  readonly durationMs: number;
  readonly errorRate: number;
}

/** A bound against schedules that do not fit into memory. */
export const MAX_REQUESTS = 1_000_000;

/**
 * Fills in what is not given, `Infinity` where there is no bound.
 *
 * @throws {INVALID_OPTION} a wrong value, or no bound at all.
 */
export function resolveStop(name: string, stop: StopRule, listLength: number | undefined): ResolvedStop {
  checkKnownOptions(name, stop, ["count", "durationMs", "errorRate"] satisfies (keyof StopRule)[]);
  const { durationMs, errorRate } = stop;
  if (stop.count !== undefined) checkInteger(`${name}.count`, stop.count, [1, MAX_REQUESTS]);
  if (durationMs !== undefined) checkPositive(`${name}.durationMs`, durationMs);
  if (errorRate !== undefined) {
    const holds = typeof errorRate === "number" && errorRate >= 0 && errorRate < 1;
    checkOption(holds, `${name}.errorRate`, { wanted: "a number from 0 up to 1", value: errorRate });
  }
  const count = stop.count ?? (durationMs === undefined ? (listLength ?? Infinity) : Infinity);
  return { count, durationMs: durationMs ?? Infinity, errorRate: errorRate ?? Infinity };
}

/** @throws {INVALID_OPTION} the profile would go on for ever, or is a ramp without a duration. */
export function checkBounded(name: string, stop: ResolvedStop, profile: LoadProfile): void {
  const value = { count: stop.count, durationMs: stop.durationMs };
  if (profile.kind === "ramp") {
    checkOption(stop.durationMs < Infinity, name, { wanted: "a `durationMs`, over which the rate changes", value });
  }
  const endsItself = profile.kind === "stages" || (profile.kind === "burst" && profile.everyMs === undefined);
  const isBounded = stop.count < Infinity || stop.durationMs < Infinity || (isOpen(profile) && endsItself);
  checkOption(isBounded, name, { wanted: "bounded by `count` or `durationMs`", value });
}
