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
import type { ArrivalProfile, LoadProfile, LoadStage } from "./profile.js";

export const MAX_CLIENTS = 100_000;
const MAX_PER_SEC = 1_000_000;
/** More phases than that are a mistake. */
const MAX_PHASES = 100;

/** The number of clients of a closed loop. */
export const CLIENT_COUNT = integer([1, MAX_CLIENTS]);
/** Requests per second. */
export const RATE_PER_SEC = positive({ most: MAX_PER_SEC });

const NO_OPTIONS = defineOptions({});
const SINGLE_RATE = defineOptions({ ratePerSec: required(RATE_PER_SEC) });
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
  variant<LoadProfile>('a profile like { kind: "serial" }', {
    serial: NO_OPTIONS,
    concurrency: defineOptions({ clients: required(CLIENT_COUNT) }),
    ...ARRIVALS,
    stages: defineOptions({
      stages: required(listOf(group(STAGE), { wanted: "a list of stages like { profile, durationMs }", filled: true })),
    }),
    "concurrency-sweep": defineOptions({ clients: required(sweepOf(CLIENT_COUNT)) }),
    "rate-sweep": defineOptions({ ratesPerSec: required(sweepOf(RATE_PER_SEC)) }),
  }),
);

/** @throws {INVALID_OPTION} an unknown kind, or an unknown or invalid field. */
export function checkProfile(name: string, profile: unknown): asserts profile is LoadProfile {
  PROFILE.read(name, profile);
}

/** The values of a sweep: two or more, each only once. */
export function sweepOf(value: Option<number>): Option<readonly number[]> {
  const list = listOf(value, { wanted: "a list of numbers" });
  return {
    read: (name, given) => {
      const values = list.read(name, given);
      const holds = values.length >= 2 && values.length <= MAX_PHASES && new Set(values).size === values.length;
      checkOption(holds, name, { wanted: `from 2 to ${MAX_PHASES} different values`, value: given });
      return values;
    },
  };
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
