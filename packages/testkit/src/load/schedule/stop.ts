import { custom, checkOption, defineOptions, durationMs, integer, type AnyOption } from "../../options/index.js";
import { isOpen, type PhaseProfile } from "./profile.js";

/**
 * When to stop sending, whichever bound is reached first; in a sweep, each phase. Requests in flight are awaited. Spelled out as a type, because the schema of
 * `run.json` is generated from it.
 */
export interface StopRule {
  /** Number of requests. @default the length of the list of requests, if it is a list and no `durationMs` is given */
  readonly count?: number | undefined;
  /** Duration of sending in ms. */
  readonly durationMs?: number | undefined;
  /**
   * Stop if more than this share (0..1) of the finished requests failed, once 20 have finished. Requests in flight are cut off, and the
   * result is partial.
   */
  readonly errorRate?: number | undefined;
}

/** Keeps schedules small enough for memory. */
export const MAX_REQUESTS = 1_000_000;

/** The bounds of a warm-up. */
export const WARMUP_RULE = defineOptions({ count: integer([1, MAX_REQUESTS]), durationMs: durationMs() });

/** The bounds of a run. */
export const STOP_RULE = defineOptions({
  ...WARMUP_RULE,
  errorRate: custom<number>("a number from 0 up to 1", (value) => typeof value === "number" && value >= 0 && value < 1),
}) satisfies Record<keyof StopRule, AnyOption>;

/** A stop rule with every bound filled in. */
export interface ResolvedStop {
  readonly count: number;
  readonly durationMs: number;
  readonly errorRate: number;
}

/** Fills in missing bounds, with `Infinity` for no bound. */
export function resolveStop({ count, durationMs, errorRate }: StopRule, listLength: number | undefined): ResolvedStop {
  return {
    count: count ?? (durationMs === undefined ? (listLength ?? Infinity) : Infinity),
    durationMs: durationMs ?? Infinity,
    errorRate: errorRate ?? Infinity,
  };
}

/** @throws {INVALID_OPTION} a phase would never end, or is a ramp without a duration. */
export function checkBounded(name: string, stop: ResolvedStop, profile: PhaseProfile): void {
  const value = { count: stop.count, durationMs: stop.durationMs };
  if (profile.kind === "ramp") {
    checkOption(stop.durationMs < Infinity, name, { wanted: "a `durationMs`, over which the rate changes", value });
  }
  const endsItself = profile.kind === "stages" || (profile.kind === "burst" && profile.everyMs === undefined);
  const isBounded = stop.count < Infinity || stop.durationMs < Infinity || (isOpen(profile) && endsItself);
  checkOption(isBounded, name, { wanted: "bounded by `count` or `durationMs`", value });
}
