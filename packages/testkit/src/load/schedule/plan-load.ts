import { InvalidOptionError } from "../../errors/index.js";
import { scheduleArrivals, type Arrival } from "./arrivals.js";
import { isOpen, type PhaseProfile } from "./profile.js";
import { MAX_REQUESTS, type ResolvedStop } from "./stop.js";

/** What is sent when; all of it is known before the first request. */
export type LoadSchedule =
  | { readonly kind: "open"; readonly arrivals: readonly Arrival[] }
  /** `clients` lanes take `count` requests in order, until `durationMs` is over. */
  | { readonly kind: "closed"; readonly clients: number; readonly count: number; readonly durationMs: number };

/**
 * Computes the schedule: the same profile, bounds and seed always produce the same one.
 *
 * @throws {INVALID_OPTION} more than 1,000,000 requests.
 * @example planLoad({ kind: "constant", ratePerSec: 10 }, { count: 3, durationMs: Infinity }, 1n)
 * // { kind: "open", arrivals: [{ atMs: 0, stage: 0 }, { atMs: 100, … }, { atMs: 200, … }] }
 */
export function planLoad(
  profile: PhaseProfile,
  { count, durationMs }: Pick<ResolvedStop, "count" | "durationMs">,
  seed: bigint,
): LoadSchedule {
  if (!isOpen(profile)) {
    const clients = profile.kind === "serial" ? 1 : profile.clients;
    return { kind: "closed", clients, count, durationMs };
  }
  const arrivals: Arrival[] = [];
  for (const arrival of scheduleArrivals(profile, { seed, durationMs })) {
    if (arrivals.length >= count) break;
    if (arrivals.length >= MAX_REQUESTS) {
      throw new InvalidOptionError({ message: `Expected a schedule of at most ${MAX_REQUESTS} requests, got more` });
    }
    arrivals.push(arrival);
  }
  return { kind: "open", arrivals };
}
