import { ItlHistogram, type EncodedHistogram } from "../metrics/itl-histogram.js";
import type { RequestRecord } from "../metrics/request-record.js";
import { listPhases, isOpen, type LoadProfile, type PhaseProfile } from "../schedule/profile.js";
import type { ResolvedStop } from "../schedule/stop.js";
import { closedRate, describeStep, openRate, rateWithin, type StepFacts, type StepRules } from "./describe-step.js";
import { findKnee } from "./find-knee.js";
import type { LoadResponse } from "./load-response.js";
import { listStepWindows } from "./step-windows.js";

/** What one phase of the run has measured, or one round of it. */
export interface MeasuredPhase {
  /** The position of its value in a sweep; 0 in every other run. */
  readonly step: number;
  /** With times from the start of the run. */
  readonly records: readonly RequestRecord[];
  readonly itl: readonly EncodedHistogram[];
  /** By client, then by step within the phase. */
  readonly stepItl: readonly (readonly EncodedHistogram[])[];
}

/** The run whose response is described. */
export interface MeasuredRun extends StepRules {
  readonly profile: LoadProfile;
  readonly stop: Pick<ResolvedStop, "durationMs">;
  readonly phases: readonly MeasuredPhase[];
}

/** How the worker responded to more load; `undefined` for a load that does not change. */
export async function describeResponse(run: MeasuredRun): Promise<LoadResponse | undefined> {
  const offeredUnit = isOpen(run.profile) ? "requests/s" : "clients";
  const facts = await listSteps(run);
  if (facts.length === 0) return undefined;
  const steps = facts.map((step) => describeStep(step, run));
  return { offeredUnit, steps, knee: findKnee(steps, offeredUnit) };
}

function listSteps(run: MeasuredRun): Promise<StepFacts[]> {
  const values = listPhases(run.profile);
  const [only] = values;
  return values.length > 1 || only === undefined ? sweepSteps(run, values) : windowSteps(run, only);
}

/** The steps of a sweep that ended early are those that it reached. */
async function sweepSteps({ phases }: MeasuredRun, values: readonly PhaseProfile[]): Promise<StepFacts[]> {
  const steps: StepFacts[] = [];
  for (const [step, value] of values.entries()) {
    const parts = phases.filter((phase) => phase.step === step && phase.records.length > 0);
    if (parts.length === 0) continue;
    const records = parts.flatMap((part) => part.records);
    steps.push({
      offered: value.kind === "concurrency" ? value.clients : value.kind === "constant" ? value.ratePerSec : 0,
      window: spanOf(records),
      records,
      itl: await merge(parts.flatMap((part) => part.itl)),
      achievedPerSec: weighByTime(parts, isOpen(value) ? openRate : closedRate),
    });
  }
  return steps;
}

/** The rate of several rounds: each counts for as long as it took. */
function weighByTime(
  parts: readonly Pick<MeasuredPhase, "records">[],
  rateOf: (records: readonly RequestRecord[]) => number,
): number {
  const lengths = parts.map(({ records }) => lengthOf(spanOf(records)));
  const sumMs = lengths.reduce((sum, length) => sum + length, 0);
  return parts.reduce((sum, { records }, index) => sum + (rateOf(records) * (lengths[index] ?? 0)) / (sumMs || 1), 0);
}

async function windowSteps({ phases, stop }: MeasuredRun, profile: PhaseProfile): Promise<StepFacts[]> {
  const [phase] = phases;
  const windows = listStepWindows(profile, stop);
  if (phase === undefined) return [];
  const steps = windows.map(async (window, index) => {
    const { fromMs, toMs } = window;
    const records = phase.records.filter(
      ({ schedMs }) => schedMs >= fromMs && (schedMs < toMs || index === windows.length - 1),
    );
    const itl = await merge(phase.stepItl.flatMap((ofClient) => ofClient[index] ?? []));
    const offered = (records.length * 1000) / (toMs - fromMs);
    return { offered, window, records, itl, achievedPerSec: rateWithin(phase.records, window) };
  });
  const all = await Promise.all(steps);
  return all.filter(({ records }) => records.length > 0);
}

function spanOf(records: readonly RequestRecord[]): { fromMs: number; toMs: number } {
  return records.reduce(
    ({ fromMs, toMs }, { schedMs, closeMs }) => ({ fromMs: Math.min(fromMs, schedMs), toMs: Math.max(toMs, closeMs) }),
    { fromMs: Infinity, toMs: -Infinity },
  );
}

function lengthOf({ fromMs, toMs }: { fromMs: number; toMs: number }): number {
  return Math.max(0, toMs - fromMs);
}

async function merge(encoded: readonly EncodedHistogram[]): Promise<ItlHistogram> {
  const merged = await ItlHistogram.create();
  for (const one of encoded) merged.merge(await ItlHistogram.decode(one));
  return merged;
}
