import {
  checkOption,
  defineOptions,
  durationMs,
  group,
  integer,
  listOf,
  number,
  positive,
  required,
  variant,
  type AnyOption,
  type Option,
} from "../../options/index.js";
import type { ArrivalProfile, ClosedProfile, LoadProfile, LoadStage, OpenProfile } from "./profile.js";

export const MAX_CLIENTS = 100_000;
const MAX_PER_SEC = 1_000_000;

const NO_OPTIONS = defineOptions({});
const SINGLE_RATE = defineOptions({ ratePerSec: required(positive({ most: MAX_PER_SEC })) });
const RAMP_END = required(number([0, MAX_PER_SEC]));

/** The options of each profile, tied to its type. */
const ARRIVALS = {
  constant: SINGLE_RATE,
  poisson: SINGLE_RATE,
  burst: defineOptions({ size: required(integer([1, MAX_CLIENTS])), everyMs: durationMs() }),
  ramp: defineOptions({ fromPerSec: RAMP_END, toPerSec: RAMP_END }),
};
const STAGE = defineOptions({
  profile: required(rising(variant<ArrivalProfile>("a profile", ARRIVALS))),
  durationMs: required(durationMs()),
}) satisfies Record<keyof LoadStage, AnyOption>;
const PROFILE = rising(
  variant<ClosedProfile | OpenProfile>('a profile like { kind: "serial" }', {
    serial: NO_OPTIONS,
    concurrency: defineOptions({ clients: required(integer([1, MAX_CLIENTS])) }),
    ...ARRIVALS,
    stages: defineOptions({
      stages: required(listOf(group(STAGE), { wanted: "a list of stages like { profile, durationMs }", filled: true })),
    }),
  }),
);

/** @throws {INVALID_OPTION} an unknown kind, or an unknown or invalid field. */
export function checkProfile(name: string, profile: unknown): asserts profile is LoadProfile {
  PROFILE.read(name, profile);
}

/** Rejects a ramp from 0 to 0, which never sends anything. */
function rising<T extends LoadProfile>(option: Option<T>): Option<T> {
  return {
    read: (name, value) => {
      const profile = option.read(name, value);
      const holds = profile.kind !== "ramp" || profile.fromPerSec + profile.toPerSec > 0;
      checkOption(holds, name, { wanted: "a ramp with a rate above zero at one of its ends", value });
      return profile;
    },
  };
}
