import { DETERMINISM_LEVELS, type DeterminismLevel } from "inference-worker-protocol";
import {
  checkedBy,
  checkOption,
  defineOptions,
  group,
  integer,
  isRecord,
  listOf,
  oneOf,
  required,
  resolveOptions,
  text,
  type OptionsOf,
} from "../options/index.js";

/** Why a check fails, and is known to. */
export interface KnownDeviation {
  readonly reason: string;
  readonly link?: string | undefined;
}

const COUNT = integer([1, Number.MAX_SAFE_INTEGER]);
const DEVIATION = defineOptions({ reason: required(text({ filled: true })), link: text({ filled: true }) });

const PROFILE = defineOptions({
  /** Jobs that the server runs at the same time. */
  slots: integer([1, 10_000]),
  /** Jobs that may wait for a slot; 0: the server refuses a job if all slots are busy. */
  maxQueue: integer([0, Number.MAX_SAFE_INTEGER]),
  /** What it guarantees about repeated requests. */
  determinism: listOf(oneOf<DeterminismLevel>(DETERMINISM_LEVELS), { wanted: "a list of determinism levels" }),
  /** How a client cancels a job. @default what the dialect has */
  cancel: oneOf(["endpoint", "disconnect"]),
  /** Limits of a request. */
  limits: group(defineOptions({ contextTokens: COUNT, maxTokens: COUNT })),
  /** Known deviations, by the id of the check. They are reported, and do not fail the run. */
  deviations: checkedBy((name, value: Readonly<Record<string, KnownDeviation>>) => readDeviations(name, value)),
});

/** What a server declares about itself; the content of `profile.json`. */
export interface ConformanceProfile extends OptionsOf<typeof PROFILE> {}

/** Checks a declaration. @throws {INVALID_OPTION} an unknown key or a wrong value. */
export function readProfile(name: string, value: unknown): ConformanceProfile {
  checkOption(isRecord(value), name, { wanted: "a JSON object", value });
  return resolveOptions(PROFILE, value, name);
}

function readDeviations(name: string, value: unknown): Readonly<Record<string, KnownDeviation>> {
  checkOption(isRecord(value), name, { wanted: "an object with the ids of checks", value });
  const entries = Object.entries(value).map(([id, deviation]) => {
    return [id, group(DEVIATION).read(`${name}.${id}`, deviation)] as const;
  });
  return Object.fromEntries(entries);
}
