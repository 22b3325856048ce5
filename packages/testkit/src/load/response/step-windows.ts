import type { ResolvedStop } from "../schedule/stop.js";
import type { PhaseProfile } from "../schedule/profile.js";

/** A ramp is described in this many parts. */
const RAMP_PARTS = 8;
/** Every step has a histogram of its own, of about 100 KiB. */
const MOST_STEPS = 1_000;

/** Part of a phase, in ms from its start. */
export interface StepWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The steps within one phase: its stages, or the parts of a ramp. Empty for every other profile, and for a single stage. */
export function listStepWindows(profile: PhaseProfile, { durationMs }: Pick<ResolvedStop, "durationMs">): StepWindow[] {
  const lengths = listLengths(profile, durationMs);
  if (lengths.length < 2 || lengths.length > MOST_STEPS) return [];
  let fromMs = 0;
  const windows = lengths.map((lengthMs) => {
    const window = { fromMs, toMs: Math.min(durationMs, fromMs + lengthMs) };
    fromMs += lengthMs;
    return window;
  });
  return windows.filter((window) => window.fromMs < window.toMs);
}

function listLengths(profile: PhaseProfile, durationMs: number): number[] {
  if (profile.kind === "stages") return profile.stages.map((stage) => stage.durationMs);
  if (profile.kind === "ramp") return new Array<number>(RAMP_PARTS).fill(durationMs / RAMP_PARTS);
  return [];
}
