import { streamTimeouts } from "../../events/index.js";
import {
  abortSignal,
  callback,
  checkedBy,
  checkOption,
  defineOptions,
  durationMs,
  flag,
  group,
  integer,
  required,
  resolveOptions,
  u64,
  withDefault,
  type Option,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../../options/index.js";
import { checkGivenFacts, type GivenFacts } from "../machine.js";
import type { RequestRecord } from "../metrics/request-record.js";
import { checkSlo, type RequestSlo } from "../metrics/slo.js";
import { checkProfile } from "../schedule/check-profile.js";
import { isOpen, listPhases, type LoadProfile, type PhaseProfile } from "../schedule/profile.js";
import {
  checkBounded,
  resolveStop,
  STOP_RULE,
  WARMUP_RULE,
  type ResolvedStop,
  type StopRule,
} from "../schedule/stop.js";
import type { LoadProgress } from "./progress.js";
import { checkRequests, type LoadRequests } from "./request-source.js";

/** The options of `runLoad()`. */
export const LOAD_OPTIONS = defineOptions({
  /** How requests are spread over time. */
  profile: required(checkedWith<LoadProfile>(checkProfile)),
  /** What is sent. */
  requests: required(checkedWith<LoadRequests>(checkRequests)),
  /** When to stop sending; required unless `requests` is a list or the profile has an end. */
  stop: group(STOP_RULE),
  /** Warm-up before measuring: a separate phase with the same profile, excluded from the results; in a sweep, one for each phase. @default none */
  warmup: group(WARMUP_RULE),
  /**
   * Divides the run, or each phase of a sweep, into this many parts of equal size, 1..1000. Between two of them, no request is in flight.
   * Not for a ramp, stages or a burst. @default 1
   */
  rounds: withDefault(integer([1, 1_000]), 1),
  /**
   * Called and awaited after each warm-up and each round, when no request is in flight, with the number of requests so far, those of the
   * warm-up included. Its time is excluded from the results.
   */
  onIdle: callback<(requestCount: number) => Promise<unknown>>(),
  /** Seed of the schedule and of the random numbers; the same seed gives the same requests at the same times. u64. @default 0 */
  seed: withDefault(u64(), 0n),
  /** What each request must meet to count for goodput. @default every ok request counts */
  slo: withDefault(checkedWith<RequestSlo>(checkSlo), {}),
  /**
   * Keeps prompts, outputs and the arrival of every token in the result (`texts`): of each request up to 8,000 characters of the prompt and
   * 16,000 of the output, and of the run 16 million, half of them for requests that are not ok. @default false
   */
  keepText: withDefault(flag(), false),
  /** Timeouts of each stream; they take precedence over those of the worker. */
  timeouts: streamTimeouts(),
  /** Ends the run: requests in flight are cut off, and the result is `partial`. */
  signal: abortSignal(),
  /** Called about four times a second, and at the end of each phase. */
  onProgress: callback<(progress: LoadProgress) => void>(),
  /** Called with the record of every request of the measured phase when it has ended, in the order in which they end. */
  onRecord: callback<(record: RequestRecord) => void>(),
  /**
   * Client threads, 1..64. With more than one, each is a thread with its own connections: `timeouts` apply to them, the timeouts of the
   * harness do not, and a closed loop needs `stop.count`. @default 1: the calling thread
   */
  clientThreads: withDefault(integer([1, 64]), 1),
  /** Requests in flight are cut off if none was sent or ended for this long. @default 600000 */
  stallTimeoutMs: withDefault(durationMs(), 600_000),
  /** Facts for the fingerprint of the machine that the framework cannot determine itself. */
  machine: withDefault(checkedWith<GivenFacts>(checkGivenFacts), {}),
});

/** Options of `runLoad()`. */
export interface LoadOptions extends OptionsOf<typeof LOAD_OPTIONS> {}

/** Options with all defaults filled in. */
export interface ResolvedLoadOptions extends Omit<ResolvedOptionsOf<typeof LOAD_OPTIONS>, "stop" | "warmup"> {
  readonly stop: ResolvedStop;
  readonly givenStop: StopRule;
  readonly warmup: ResolvedStop | undefined;
  readonly givenWarmup: StopRule | undefined;
}

/** Fills in the defaults and checks everything. @throws {INVALID_OPTION} */
export function resolveLoadOptions(options: LoadOptions): ResolvedLoadOptions {
  const resolved = resolveOptions(LOAD_OPTIONS, options);
  const stop = resolvePhaseStop("stop", resolved.stop ?? {}, resolved);
  const warmup = resolved.warmup && resolvePhaseStop("warmup", resolved.warmup, resolved);
  checkRounds(resolved.rounds, resolved.profile, stop);
  if (resolved.clientThreads > 1 && !isOpen(resolved.profile)) {
    const holds = stop.count < Infinity && (warmup?.count ?? 0) < Infinity;
    const wanted = "given for a closed loop with several client threads";
    checkOption(holds, "stop.count", { wanted, value: options.stop });
  }
  return { ...resolved, stop, warmup, givenStop: options.stop ?? {}, givenWarmup: options.warmup };
}

const UNDIVIDED: readonly LoadProfile["kind"][] = ["ramp", "stages", "burst"];

function checkRounds(rounds: number, profile: LoadProfile, { count }: ResolvedStop): void {
  if (rounds === 1) return;
  checkOption(!UNDIVIDED.includes(profile.kind), "rounds", {
    wanted: `1 for the profile \`${profile.kind}\``,
    value: rounds,
  });
  checkOption(rounds <= count, "rounds", { wanted: `at most \`stop.count\`, ${count}`, value: rounds });
}

type Phased = Pick<ResolvedOptionsOf<typeof LOAD_OPTIONS>, "requests" | "profile">;

function resolvePhaseStop(name: "stop" | "warmup", rule: StopRule, { requests, profile }: Phased): ResolvedStop {
  const [phase] = listPhases(profile) as [PhaseProfile];
  const endsItself = phase.kind === "stages" || phase.kind === "burst";
  const listLength = Array.isArray(requests) && !endsItself && name === "stop" ? requests.length : undefined;
  const stop = resolveStop(rule, listLength);
  checkBounded(name, stop, phase);
  return stop;
}

/** A value checked by another function, with its own messages. */
function checkedWith<T>(check: (name: string, value: T) => void): Option<T> {
  return checkedBy((name, value: T) => {
    check(name, value);
    return value;
  });
}
