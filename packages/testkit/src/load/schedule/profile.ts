/**
 * Requests are sent on schedule, whether or not earlier ones were answered (open loop). This shows what users experience when a worker is
 * slow.
 * - `constant`: evenly spaced, the first immediately;
 * - `poisson`: independent arrivals at exponential intervals;
 * - `burst`: `size` at once, repeated every `everyMs` if given;
 * - `ramp`: the rate changes linearly over the duration of the run or stage.
 */
export type ArrivalProfile =
  | { readonly kind: "constant"; readonly ratePerSec: number }
  | { readonly kind: "poisson"; readonly ratePerSec: number }
  | { readonly kind: "burst"; readonly size: number; readonly everyMs?: number | undefined }
  | { readonly kind: "ramp"; readonly fromPerSec: number; readonly toPerSec: number };

/** One stage after the other. */
export interface LoadStage {
  readonly profile: ArrivalProfile;
  readonly durationMs: number;
}

/** A schedule of times. */
export type OpenProfile = ArrivalProfile | { readonly kind: "stages"; readonly stages: readonly LoadStage[] };

/** The next request is sent when a client is free (closed loop): requests have an order, but no times. `serial` is one client. */
export type ClosedProfile = { readonly kind: "serial" } | { readonly kind: "concurrency"; readonly clients: number };

/** What one phase sends. */
export type PhaseProfile = OpenProfile | ClosedProfile;

/**
 * One phase for each value, in order: a closed loop with that many clients, or a constant rate. A phase begins when the one before has
 * ended and its own warm-up is over. `stop` and `warmup` apply to each.
 */
export type SweepProfile =
  | { readonly kind: "concurrency-sweep"; readonly clients: readonly number[] }
  | { readonly kind: "rate-sweep"; readonly ratesPerSec: readonly number[] };

/** How requests are spread over time. */
export type LoadProfile = PhaseProfile | SweepProfile;

const CLOSED: readonly LoadProfile["kind"][] = ["serial", "concurrency", "concurrency-sweep"];

/** Whether the profile has times. */
export function isOpen(
  profile: LoadProfile,
): profile is OpenProfile | Extract<SweepProfile, { readonly kind: "rate-sweep" }> {
  return !CLOSED.includes(profile.kind);
}

/** The profile of each phase. */
export function listPhases(profile: LoadProfile): readonly PhaseProfile[] {
  if (profile.kind === "concurrency-sweep")
    return profile.clients.map((clients) => ({ kind: "concurrency", clients }) as const);
  if (profile.kind === "rate-sweep")
    return profile.ratesPerSec.map((ratePerSec) => ({ kind: "constant", ratePerSec }) as const);
  return [profile];
}
