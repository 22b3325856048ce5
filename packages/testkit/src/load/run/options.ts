import { checkInteger, checkKnownOptions, checkOption, checkPositive, checkSignal } from "../../errors/index.js";
import { resolveStreamLimits, type StreamLimits } from "../../events/index.js";
import { checkGivenFacts, type GivenFacts } from "../machine.js";
import { checkSlo, type RequestSlo } from "../metrics/slo.js";
import { checkProfile } from "../schedule/check-profile.js";
import { isOpen, type LoadProfile } from "../schedule/profile.js";
import { checkBounded, resolveStop, type ResolvedStop, type StopRule } from "../schedule/stop.js";
import type { LoadProgress } from "./progress.js";
import { checkRequests, type LoadRequests } from "./request-source.js";

/** Options of `runLoad()`. */
export interface LoadOptions {
  /** How requests are spread over time. */
  readonly profile: LoadProfile;
  /** What is sent. */
  readonly requests: LoadRequests;
  /** When to stop sending; required unless `requests` is a list or the profile ends by itself. */
  readonly stop?: StopRule | undefined;
  /** Warm-up before measuring, a phase of its own with the same profile; excluded from the results. @default none */
  readonly warmup?: Omit<StopRule, "errorRate"> | undefined;
  /** Seed of the schedule and of the random numbers; the same seed gives the same requests at the same times. u64. @default 0 */
  readonly seed?: number | bigint | undefined;
  /** What each request must meet to count for goodput. @default every ok request counts */
  readonly slo?: RequestSlo | undefined;
  /** Timeouts of each stream; they take precedence over those of the worker. */
  readonly timeouts?: StreamLimits | undefined;
  /** Ends the run: requests in flight are cut, and the result is `partial`. */
  readonly signal?: AbortSignal | undefined;
  /** Called about four times a second, and at the end of each phase. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /**
   * Client threads, 1..64. With more than one, each is a thread with its own connections: `timeouts` apply to it, the timeouts of the
   * harness do not, and a closed loop needs `stop.count`. @default 1: the calling thread
   */
  readonly clientThreads?: number | undefined;
  /** Requests in flight are cut if none was sent and none ended for this long. @default 600000 */
  readonly stallTimeoutMs?: number | undefined;
  /** Facts for the fingerprint of the machine that the framework cannot determine itself. */
  readonly machine?: GivenFacts | undefined;
}

/** The same with every default filled in. */
export interface ResolvedLoadOptions {
  readonly profile: LoadProfile;
  readonly requests: LoadRequests;
  readonly stop: ResolvedStop;
  readonly givenStop: StopRule;
  readonly warmup: ResolvedStop | undefined;
  readonly givenWarmup: StopRule | undefined;
  readonly seed: bigint;
  readonly slo: RequestSlo;
  readonly timeouts: StreamLimits | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: LoadProgress) => void) | undefined;
  readonly clientThreads: number;
  readonly stallTimeoutMs: number;
  readonly machine: GivenFacts;
}

const NAMES = [
  "profile",
  "requests",
  "stop",
  "warmup",
  "seed",
  "slo",
  "timeouts",
  "signal",
  "onProgress",
  "clientThreads",
  "stallTimeoutMs",
  "machine",
] satisfies (keyof LoadOptions)[];

const DEFAULT_STALL_TIMEOUT_MS = 600_000;
const MAX_SEED = 2n ** 64n - 1n;

/** Fills in the defaults and checks everything. @throws {INVALID_OPTION} */
export function resolveLoadOptions(options: LoadOptions): ResolvedLoadOptions {
  checkKnownOptions("options", options, NAMES);
  const { profile, requests, slo = {}, clientThreads = 1, machine = {}, timeouts, signal, onProgress } = options;
  checkProfile("profile", profile);
  checkRequests("requests", requests);
  checkSlo("slo", slo);
  checkInteger("clientThreads", clientThreads, [1, 64]);
  checkGivenFacts("machine", machine);
  checkSignal("signal", signal);
  resolveStreamLimits(timeouts);
  const isCallable = onProgress === undefined || typeof onProgress === "function";
  checkOption(isCallable, "onProgress", { wanted: "a function", value: onProgress });
  const stallTimeoutMs = options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS;
  checkPositive("stallTimeoutMs", stallTimeoutMs);
  const stop = resolvePhaseStop("stop", options.stop ?? {}, options);
  const warmup = options.warmup && resolvePhaseStop("warmup", options.warmup, options);
  if (clientThreads > 1 && !isOpen(profile)) {
    const holds = stop.count < Infinity && (warmup?.count ?? 0) < Infinity;
    checkOption(holds, "stop.count", {
      wanted: "given for a closed loop with several client threads",
      value: options.stop,
    });
  }
  const seed = resolveSeed(options.seed ?? 0);
  const given = { givenStop: options.stop ?? {}, givenWarmup: options.warmup };
  return {
    profile,
    requests,
    slo,
    clientThreads,
    machine,
    timeouts,
    signal,
    onProgress,
    stallTimeoutMs,
    stop,
    warmup,
    seed,
    ...given,
  };
}

function resolvePhaseStop(name: "stop" | "warmup", rule: StopRule, { requests, profile }: LoadOptions): ResolvedStop {
  if (name === "warmup") checkKnownOptions(name, rule, ["count", "durationMs"]);
  const endsItself = profile.kind === "stages" || profile.kind === "burst";
  const listLength = Array.isArray(requests) && !endsItself && name === "stop" ? requests.length : undefined;
  const stop = resolveStop(name, rule, listLength);
  checkBounded(name, stop, profile);
  return stop;
}

function resolveSeed(seed: number | bigint): bigint {
  const isWhole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  checkOption(isWhole, "seed", { wanted: "a whole number; above 2^53 a bigint", value: seed });
  const value = BigInt(seed);
  checkOption(value >= 0n && value <= MAX_SEED, "seed", { wanted: "from 0 to 2^64 - 1", value: seed });
  return value;
}
