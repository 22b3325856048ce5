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
} from "../options/index.js";
import type { ConformanceProfile, KnownDeviation } from "./conformance-profile.js";

export type { ConformanceProfile, KnownDeviation } from "./conformance-profile.js";

const COUNT = integer([1, Number.MAX_SAFE_INTEGER]);
const DEVIATION = defineOptions({ reason: required(text({ filled: true })), link: text({ filled: true }) });

/** What the members of {@link ConformanceProfile} may be; the published schema is made from that type, with the same ranges. */
const PROFILE = defineOptions({
  $schema: text(),
  slots: integer([1, 10_000]),
  maxQueue: integer([0, Number.MAX_SAFE_INTEGER]),
  determinism: listOf(oneOf<DeterminismLevel>(DETERMINISM_LEVELS), { wanted: "a list of determinism levels" }),
  cancel: oneOf(["endpoint", "disconnect"]),
  limits: group(defineOptions({ contextTokens: COUNT, maxTokens: COUNT })),
  deviations: checkedBy((name, value: Readonly<Record<string, KnownDeviation>>) => readDeviations(name, value)),
});

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
