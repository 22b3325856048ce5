import type { LoadProfile } from "../../load/index.js";
import { isOpen } from "../../load/schedule/profile.js";
import type { StopRule } from "../../load/schedule/stop.js";
import { formatMs, plural } from "../../numbers/index.js";
import type { ProfileFlags } from "./flags.js";

/** Enough for a p95, and short on a slow server: whichever bound is reached first ends the run. */
const DEFAULT_STOP = { count: 150, durationMs: 30_000 } as const;
/** The first request of a server may load the model. */
const DEFAULT_WARMUP = { count: 1 } as const;

/** When a run ends, and what precedes it. */
export interface RunBounds {
  readonly stop: StopRule;
  readonly warmup: StopRule | undefined;
  /** One sentence about the defaults in force; undefined if there are none. */
  readonly note?: string;
}

/** The bounds of the flags; without any, the defaults, unless the profile ends by itself. */
export function chooseBounds({ requests, duration, warmup }: ProfileFlags, profile: LoadProfile): RunBounds {
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

function endsItself(profile: LoadProfile): boolean {
  if (!isOpen(profile)) return false;
  return profile.kind === "stages" || (profile.kind === "burst" && profile.everyMs === undefined);
}
