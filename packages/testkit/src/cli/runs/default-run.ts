import type { LoadProfile } from "../../load/index.js";
import { isOpen, listPhases } from "../../load/schedule/profile.js";
import type { StopRule } from "../../load/schedule/stop.js";
import { formatMs, plural } from "../../numbers/index.js";
import type { ProfileFlags } from "./flags.js";

/** Enough for a p95, and short on a slow server: whichever bound is reached first ends the run. */
const DEFAULT_STOP = { count: 150, durationMs: 30_000 } as const;
/** The first request of a server may load the model. */
const DEFAULT_WARMUP = { count: 1 } as const;

/** Of each phase of a sweep. */
const SWEEP_STOP = { count: 150, durationMs: 10_000 } as const;
const SWEEP_WARMUP = { count: 100, durationMs: 1_000 } as const;

/** When a run ends, and what precedes it. */
export interface RunBounds {
  readonly stop: StopRule;
  readonly warmup: StopRule | undefined;
  /** One sentence about the defaults in force; undefined if there are none. */
  readonly note?: string;
}

/** The bounds of the flags; without any, the defaults, unless the profile ends by itself. */
export function chooseBounds({ requests, duration, warmup }: ProfileFlags, profile: LoadProfile): RunBounds {
  if (listPhases(profile).length > 1) return chooseSweepBounds({ requests, duration, warmup });
  const isBounded = requests !== undefined || duration !== undefined || endsItself(profile);
  if (isBounded) return { stop: { count: requests, durationMs: duration }, warmup };
  const { count, durationMs } = DEFAULT_STOP;
  const before = warmup === undefined ? `, after ${plural(DEFAULT_WARMUP.count, "warm-up request")}` : "";
  return {
    stop: DEFAULT_STOP,
    warmup: warmup ?? DEFAULT_WARMUP,
    note: `sending for up to ${formatMs(durationMs)}, at most ${plural(count, "request")}${before}; change it with --requests, --duration and --warmup`,
  };
}

/** Each phase has a warm-up in any case: the one before it left the worker in another state. */
function chooseSweepBounds({
  requests,
  duration,
  warmup,
}: Pick<ProfileFlags, "requests" | "duration" | "warmup">): RunBounds {
  const isBounded = requests !== undefined || duration !== undefined;
  const stop = isBounded ? { count: requests, durationMs: duration } : SWEEP_STOP;
  if (isBounded && warmup !== undefined) return { stop, warmup };
  const { count, durationMs } = SWEEP_STOP;
  const sent = isBounded ? [] : [`sending for up to ${formatMs(durationMs)}, at most ${plural(count, "request")}`];
  const before = warmup === undefined ? [`a warm-up of up to ${formatMs(SWEEP_WARMUP.durationMs)}`] : [];
  return {
    stop,
    warmup: warmup ?? SWEEP_WARMUP,
    note: `in each phase: ${[...before, ...sent].join(", then ")}; change it with --requests, --duration and --warmup`,
  };
}

function endsItself(profile: LoadProfile): boolean {
  if (!isOpen(profile)) return false;
  return profile.kind === "stages" || (profile.kind === "burst" && profile.everyMs === undefined);
}
