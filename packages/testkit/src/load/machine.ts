import type { Health } from "inference-worker-protocol";
import { describeMachine, type MachineFacts } from "../system/index.js";
import { integer, orNull, resolveOptions, text } from "../options/index.js";

/** What a worker ran on, as far as known: runs are comparable only if it is the same. */
export interface Fingerprint extends Omit<MachineFacts, "release"> {
  /** The device of the worker, from `/health` or from the caller. */
  readonly gpu: string | null;
  readonly driver: string | null;
  readonly workerVersion: string | null;
  readonly model: string | null;
  readonly modelHash: string | null;
  /** Number of jobs that the worker runs at a time, from `/health` or from the caller. Absent from results of older releases. */
  readonly parallelism?: number | null | undefined;
}

/** Facts that the framework cannot find out by itself. */
export type GivenFacts = Partial<
  Pick<Fingerprint, "gpu" | "driver" | "workerVersion" | "model" | "modelHash" | "parallelism">
>;

/** The names of the given facts. */
export const GIVEN_FACTS = [
  "gpu",
  "driver",
  "workerVersion",
  "model",
  "modelHash",
  "parallelism",
] as const satisfies (keyof GivenFacts)[];

/** The names of all facts. */
export const FINGERPRINT_FACTS = [
  "cpu",
  "cores",
  "memoryBytes",
  "platform",
  "node",
  ...GIVEN_FACTS,
] as const satisfies (keyof Fingerprint)[];

const COUNT = integer([1, Number.MAX_SAFE_INTEGER]);
const GIVEN_OPTIONS = Object.fromEntries(
  GIVEN_FACTS.map((fact) => [fact, fact === "parallelism" ? orNull(COUNT) : orNull(text())]),
);

/** @throws {INVALID_OPTION} an unknown name or a value that is not text: two runs would then always look the same, or never. */
export function checkGivenFacts(name: string, given: GivenFacts): void {
  resolveOptions(GIVEN_OPTIONS, given, name);
}

/** Combines the facts of this machine, of the worker's health and of the caller; the caller's take precedence. */
export function takeFingerprint(health: Health | undefined, given: GivenFacts): Fingerprint {
  const { release: _release, ...machine } = describeMachine(); // a kernel update does not make it another machine
  return {
    ...machine,
    gpu: given.gpu ?? health?.device ?? null,
    driver: given.driver ?? null,
    workerVersion: given.workerVersion ?? null,
    model: given.model ?? health?.model ?? null,
    modelHash: given.modelHash ?? null,
    parallelism: given.parallelism ?? (health as Partial<Health> | undefined)?.slots?.total ?? null,
  };
}

/** Names of the facts that differ. One that an older release did not record does not. */
export function findDifferences(first: Fingerprint, second: Fingerprint): (keyof Fingerprint)[] {
  return FINGERPRINT_FACTS.filter((name) => {
    const isRecorded = name !== "parallelism" || (name in first && name in second);
    return isRecorded && first[name] !== second[name];
  });
}
