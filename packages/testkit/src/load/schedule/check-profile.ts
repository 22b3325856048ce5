import { checkKnownOptions, checkOption, durationMs, integer } from "../../options/index.js";
import type { ArrivalProfile, LoadProfile, LoadStage } from "./profile.js";

export const MAX_CLIENTS = 100_000;
const KINDS = ["serial", "concurrency", "constant", "poisson", "burst", "ramp", "stages"] as const;
const FIELDS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  serial: [],
  concurrency: ["clients"],
  constant: ["ratePerSec"],
  poisson: ["ratePerSec"],
  burst: ["size", "everyMs"],
  ramp: ["fromPerSec", "toPerSec"],
  stages: ["stages"],
};

/** @throws {INVALID_OPTION} an unknown kind, or a wrong or misspelled field. */
export function checkProfile(name: string, profile: unknown): asserts profile is LoadProfile {
  checkKind(name, profile, KINDS);
  if (profile.kind === "stages") checkStages(`${name}.stages`, profile.stages);
  else if (profile.kind === "concurrency") integer([1, MAX_CLIENTS]).read(`${name}.clients`, profile.clients);
  else if (profile.kind !== "serial") checkArrivals(name, profile);
}

function checkKind(name: string, profile: unknown, kinds: readonly string[]): asserts profile is LoadProfile {
  const isObject = typeof profile === "object" && profile !== null;
  checkOption(isObject, name, { wanted: 'a profile like { kind: "serial" }', value: profile });
  const kind = "kind" in profile ? profile.kind : undefined;
  checkOption(kinds.includes(kind as string), `${name}.kind`, { wanted: `one of ${kinds.join(", ")}`, value: kind });
  checkKnownOptions(name, profile, ["kind", ...FIELDS[kind as LoadProfile["kind"]]]);
}

function checkStages(name: string, stages: unknown): void {
  checkOption(Array.isArray(stages) && stages.length > 0, name, { wanted: "a list of stages", value: stages });
  for (const [index, stage] of (stages as unknown[]).entries()) {
    const wanted = "a stage like { profile, durationMs }";
    checkOption(typeof stage === "object" && stage !== null, `${name}[${index}]`, { wanted, value: stage });
    checkKnownOptions(`${name}[${index}]`, stage, ["profile", "durationMs"]);
    const { profile, durationMs: stageMs } = stage as Partial<LoadStage>;
    checkKind(`${name}[${index}].profile`, profile, ["constant", "poisson", "burst", "ramp"]);
    checkArrivals(`${name}[${index}].profile`, profile);
    durationMs().read(`${name}[${index}].durationMs`, stageMs);
  }
}

function checkArrivals(name: string, profile: ArrivalProfile): void {
  if (profile.kind === "burst") {
    integer([1, MAX_CLIENTS]).read(`${name}.size`, profile.size);
    if (profile.everyMs !== undefined) durationMs().read(`${name}.everyMs`, profile.everyMs);
  } else if (profile.kind === "ramp") {
    checkRate(`${name}.fromPerSec`, profile.fromPerSec, 0);
    checkRate(`${name}.toPerSec`, profile.toPerSec, 0);
    const value = profile.fromPerSec + profile.toPerSec;
    checkOption(value > 0, name, { wanted: "a ramp with a rate above zero at one of its ends", value });
  } else checkRate(`${name}.ratePerSec`, profile.ratePerSec, Number.MIN_VALUE);
}

function checkRate(name: string, value: unknown, least: number): void {
  const holds = typeof value === "number" && value >= least && value <= 1_000_000;
  const wanted = least > 0 ? "a positive number up to 1000000" : "a number from 0 to 1000000";
  checkOption(holds, name, { wanted, value });
}
