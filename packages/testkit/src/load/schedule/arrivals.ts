import { draw } from "./draws.js";
import type { ArrivalProfile, OpenProfile } from "./profile.js";

/** Times in ms from the start of the run, ascending; `stage` counts from 0. */
export interface Arrival {
  readonly atMs: number;
  readonly stage: number;
}

/**
 * The send times of the requests. Each is computed from the start, not from the one before, so that rounding errors do not add up.
 *
 * @param durationMs end of the schedule, exclusive; may be `Infinity`, except for a `ramp`.
 */
export function* scheduleArrivals(
  profile: OpenProfile,
  { seed, durationMs }: { seed: bigint; durationMs: number },
): Generator<Arrival, void> {
  const stages = profile.kind === "stages" ? profile.stages : [{ profile, durationMs }];
  let startMs = 0;
  for (const [stage, { profile: part, durationMs: lengthMs }] of stages.entries()) {
    for (const offsetMs of offsets(part, { seed, name: `arrivals-${stage}`, lengthMs })) {
      const atMs = startMs + offsetMs;
      if (atMs >= durationMs) return;
      yield { atMs, stage };
    }
    startMs += lengthMs;
  }
}

interface Stretch {
  readonly seed: bigint;
  readonly name: string;
  readonly lengthMs: number;
}

function* offsets(profile: ArrivalProfile, stretch: Stretch): Generator<number, void> {
  for (const offsetMs of unboundedOffsets(profile, stretch)) {
    if (!(offsetMs < stretch.lengthMs)) return;
    yield offsetMs;
  }
}

function* unboundedOffsets(profile: ArrivalProfile, stretch: Stretch): Generator<number, void> {
  switch (profile.kind) {
    case "constant":
      for (let index = 0; ; index += 1) yield (index * 1000) / profile.ratePerSec;
    case "poisson":
      yield* poissonOffsets(profile.ratePerSec, stretch);
      return;
    case "burst":
      for (let index = 0; ; index += 1) {
        const round = Math.floor(index / profile.size);
        if (round > 0 && profile.everyMs === undefined) return;
        yield round * (profile.everyMs ?? 0);
      }
    case "ramp":
      yield* rampOffsets(profile.fromPerSec, profile.toPerSec, stretch.lengthMs);
  }
}

function* poissonOffsets(ratePerSec: number, { seed, name }: Stretch): Generator<number, void> {
  let atMs = 0;
  for (let index = 0; ; index += 1) {
    atMs += (-Math.log(draw(seed, name, index)) * 1000) / ratePerSec;
    yield atMs;
  }
}

/** The k-th request is sent when the integral of the rate reaches k. */
function* rampOffsets(fromPerSec: number, toPerSec: number, lengthMs: number): Generator<number, void> {
  const slope = (toPerSec - fromPerSec) / (lengthMs / 1000);
  for (let index = 0; ; index += 1) {
    const squared = fromPerSec ** 2 + 2 * slope * index;
    if (squared < 0) return; // a falling ramp has no more requests
    const sum = fromPerSec + Math.sqrt(squared);
    yield sum === 0 ? 0 : (2000 * index) / sum;
  }
}
