import { describeOffered } from "../response/load-response.js";
import { listPhases, type PhaseProfile } from "../schedule/profile.js";
import { planLoad } from "../schedule/plan-load.js";
import type { ResolvedStop } from "../schedule/stop.js";
import type { ResolvedLoadOptions } from "./options.js";
import type { ProgressStep } from "./progress.js";

/** One measured phase of a run, or one round of it. */
export interface PhasePlan {
  /** The position of its value in a sweep; 0 in every other run. */
  readonly step: number;
  readonly profile: PhaseProfile;
  readonly stop: ResolvedStop;
  /** The warm-up that precedes it. */
  readonly warmup: ResolvedStop | undefined;
  readonly seed: bigint;
  readonly progress: ProgressStep | undefined;
}

const U64 = 2n ** 64n;
/** An odd number near 2^64 / φ, so that neighbouring phases have unrelated seeds. */
const SEED_STEP = 0x9e3779b97f4a7c15n;

/** The phases of a run, in order. The first has the seed of the run; a warm-up precedes the first round of each value. */
export function planPhases({ profile, stop, warmup, seed, rounds }: ResolvedLoadOptions): PhasePlan[] {
  const values = listPhases(profile);
  const count = values.length * rounds;
  return Array.from({ length: count }, (_, position) => {
    const [step, round] = [Math.floor(position / rounds), position % rounds];
    const value = values[step] as PhaseProfile;
    const label = values.length > 1 ? labelOf(value) : `round ${round + 1}`;
    return {
      step,
      profile: value,
      stop: divide(stop, { rounds, round }),
      warmup: round === 0 ? warmup : undefined,
      seed: (seed + BigInt(position) * SEED_STEP) % U64,
      progress: count === 1 ? undefined : { number: position + 1, count, label },
    };
  });
}

/** The requests that phases have together; Infinity if only the time ends one. Conversations count as one each. */
export function countPlanned(plans: readonly PhasePlan[]): number {
  return plans.reduce((sum, { profile, stop, seed }) => {
    const schedule = planLoad(profile, stop, seed);
    return sum + (schedule.kind === "open" ? schedule.arrivals.length : schedule.count);
  }, 0);
}

function labelOf(profile: PhaseProfile): string {
  if (profile.kind === "concurrency") return describeOffered(profile.clients, "clients");
  return profile.kind === "constant" ? describeOffered(profile.ratePerSec, "requests/s") : profile.kind;
}

/** The first rounds get the requests that are left over. */
function divide(stop: ResolvedStop, { rounds, round }: { rounds: number; round: number }): ResolvedStop {
  if (rounds === 1) return stop;
  const { count, durationMs, errorRate } = stop;
  const own = count === Infinity ? Infinity : Math.floor(count / rounds) + (round < count % rounds ? 1 : 0);
  return { count: own, durationMs: durationMs / rounds, errorRate };
}
