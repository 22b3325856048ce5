import { isDeepStrictEqual } from "node:util";
import { median } from "../../numbers/index.js";
import { findDifferences } from "../machine.js";
import { countTokens } from "../metrics/request-record.js";
import type { StoredLoadResult } from "../result.js";
import type { Workload } from "../workload.js";
import type { ResolvedCompareOptions } from "./compare-options.js";
import type { Sides } from "./compared.js";

/** Share by which the median number of tokens per response, or of characters per prompt, may differ, because both vary. */
const MOST_LENGTH_DIFFERENCE = 0.2;

/** What readers call the facts; those of the machine keep their names. */
const LABELS: Readonly<Record<string, string>> = {
  "plan.profile": "load profile",
  "plan.requestCount": "number of requests",
  "plan.warmup": "warm-up",
  "workload.dialect": "dialect",
  "workload.maxTokens": "maximum number of tokens",
  "workload.settings": "sampling",
  "workload.prompts": "set of prompts",
  "workload.promptLength": "median length of the prompts in characters",
  "answers.tokens": "median number of tokens of an answer",
};

/** A fact that differs between the sides, which makes them incomparable. */
export interface RunDifference {
  /** For example `machine.gpu`, `plan.profile` or `workload.prompts`. */
  readonly name: string;
  /** What a reader calls it, for example `load profile`. */
  readonly label: string;
  readonly baseline: string;
  readonly current: string;
}

/** Why the sides cannot be compared; both lists are empty if they can. */
export interface Obstacles {
  readonly reasons: readonly string[];
  readonly differences: readonly RunDifference[];
}

/** What differs between two runs that must be equal. */
export function findObstacles(given: Sides, valid: Sides, { allow }: ResolvedCompareOptions): Obstacles {
  const empty = (["baseline", "current"] as const).filter((side) => valid[side].length === 0);
  if (empty.length > 0) return { reasons: empty.map((side) => describeInvalid(side, given[side])), differences: [] };
  const runs = [...valid.baseline, ...valid.current];
  const [first, ...others] = runs;
  if (first === undefined) return { reasons: [], differences: [] };
  const found = others.flatMap((other) => [
    ...findOtherMachine(first, other, allow),
    ...findOtherPlan(first, other),
    ...findOtherWorkload(first.workload, other.workload, first.plan.seed === other.plan.seed),
  ]);
  const differences = [...found, ...findOtherWork(valid)].filter((one, index, all) => {
    return all.findIndex((other) => isDeepStrictEqual(one, other)) === index;
  });
  return { reasons: differences.map((one) => describe(one)), differences };
}

function describe({ name, label, baseline, current }: RunDifference): string {
  if (name === "answers.tokens") {
    return `the answers differ in length: a median of ${baseline} tokens in the baseline, ${current} now`;
  }
  return `the ${label} differs: ${baseline} and ${current}`;
}

function describeInvalid(side: string, runs: readonly StoredLoadResult[]): string {
  const messages = new Set(runs.flatMap((run) => run.validity.reasons.map((reason) => reason.message)));
  return `no ${side} run is valid: ${[...messages].join("; ")}`;
}

function findOtherMachine(
  first: StoredLoadResult,
  other: StoredLoadResult,
  allow: ResolvedCompareOptions["allow"],
): RunDifference[] {
  const names = findDifferences(first.machine, other.machine).filter((name) => !allow.includes(name));
  return names.map((name) => compare(`machine.${name}`, first.machine[name], other.machine[name]));
}

/** Another SLO only makes goodput incomparable. */
function findOtherPlan({ plan }: StoredLoadResult, other: StoredLoadResult): RunDifference[] {
  const names = (["profile", "rounds", "requestCount"] as const).filter(
    (name) => !isDeepStrictEqual(plan[name], other.plan[name]),
  );
  const [warm, otherWarm] = [plan, other.plan].map(({ warmup }) => (warmup === null ? "none" : "some"));
  return [
    ...names.map((name) => compare(`plan.${name}`, plan[name], other.plan[name])),
    ...(warm === otherWarm ? [] : [compare("plan.warmup", warm, otherWarm)]),
  ];
}

/** Older releases did not record the workload. */
function findOtherWorkload(
  first: Workload | undefined,
  other: Workload | undefined,
  isSameSeed: boolean,
): RunDifference[] {
  if (first === undefined || other === undefined) return [];
  const names = (["dialect", "maxTokens", "settings"] as const).filter(
    (name) => !isDeepStrictEqual(first[name], other[name]),
  );
  return [
    ...names.map((name) => compare(`workload.${name}`, first[name], other[name])),
    ...findOtherPrompts(first.prompts, other.prompts, isSameSeed),
  ];
}

/** Prompts may be made from the seed, so only with the same seed must they be the same. */
function findOtherPrompts(
  first: Workload["prompts"],
  other: Workload["prompts"],
  isSameSeed: boolean,
): RunDifference[] {
  const isSameSample = isSameSeed && first.hashedCount === other.hashedCount;
  if (isSameSample && first.sha256 !== other.sha256) {
    return [compare("workload.prompts", describePrompts(first), describePrompts(other))];
  }
  const [length, otherLength] = [first.characters.median, other.characters.median];
  return isOtherLength(length, otherLength) ? [compare("workload.promptLength", length, otherLength)] : [];
}

function describePrompts({ sha256, characters: { min, median: middle, max } }: Workload["prompts"]): string {
  return `SHA-256 ${sha256.slice(0, 12)}…, ${min} to ${max} characters, median ${middle}`;
}

/** The prompts do not determine the length of the answers, and shorter ones would look like a faster worker. */
function findOtherWork({ baseline, current }: Sides): RunDifference[] {
  const [before, after] = [medianTokens(baseline), medianTokens(current)];
  return isOtherLength(before, after) ? [compare("answers.tokens", before, after)] : [];
}

function isOtherLength(first: number, other: number): boolean {
  return Math.abs(other - first) > MOST_LENGTH_DIFFERENCE * Math.max(first, other);
}

function compare(name: string, baseline: unknown, current: unknown): RunDifference {
  const label = LABELS[name] ?? name.slice(name.indexOf(".") + 1);
  return { name, label, baseline: toText(baseline), current: toText(current) };
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return "unknown";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** NaN without an ok request; it compares as no difference. */
function medianTokens(runs: readonly StoredLoadResult[]): number {
  const ok = runs.flatMap(({ records }) => records.filter(({ status }) => status === "ok"));
  return median(ok.map((record) => countTokens(record).count));
}
