import { checkInteger, checkKnownOptions, checkOption, checkPositive, checkSignal } from "../../errors/index.js";
import { resolveStreamTimeouts, type StreamTimeouts } from "../../events/index.js";
import { checkGivenFacts, type GivenFacts } from "../machine.js";
import { checkRequestLimits, type RequestLimits } from "../metrics/request-limits.js";
import { checkProfile, isOpen, type LoadProfile } from "../schedule/profile.js";
import { checkBounded, resolveStop, type ResolvedStop, type StopRule } from "../schedule/stop.js";
import type { LoadProgress } from "./progress.js";
import { checkRequests, type LoadRequests } from "./request-source.js";

/** Options of `runLoad()`. */
export interface LoadOptions {
  /** How requests are spread over time. */
  readonly profile: LoadProfile;
  /** What is sent. */
  readonly requests: LoadRequests;
  /** When no more is sent; needed unless `requests` is a list or the profile ends by itself. */
  readonly stop?: StopRule | undefined;
  /** A phase of its own before, with the same profile; it is waited for, and thrown away. @default none */
  readonly warmup?: Omit<StopRule, "errorRate"> | undefined;
  /** Decides the schedule and the random numbers; the same seed gives the same run. u64. @default 0 */
  readonly seed?: number | bigint | undefined;
  /** What every request has to meet to count for goodput. @default none */
  readonly limits?: RequestLimits | undefined;
  /** Limits of each stream; they go before those of the worker. */
  readonly timeouts?: StreamTimeouts | undefined;
  /** Cuts what is under way; the result is partial and says so. */
  readonly signal?: AbortSignal | undefined;
  /** Called about four times a second, and at the end of each phase. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /**
   * Client threads, 1..64. With more than one, each is a thread with connections of its own: the limits of the harness do not reach it,
   * `timeouts` do, and a closed loop needs `stop.count`. @default 1: the calling thread
   */
  readonly workers?: number | undefined;
  /** Nothing was sent and nothing ended for so long while requests are under way: they are cut. @default 600000 */
  readonly stallTimeoutMs?: number | undefined;
  /** Facts for the fingerprint of the machine that the framework cannot find out. */
  readonly machine?: GivenFacts | undefined;
}

/** The same, complete. */
export interface ResolvedLoadOptions {
  readonly profile: LoadProfile;
  readonly requests: LoadRequests;
  readonly stop: ResolvedStop;
  readonly givenStop: StopRule;
  readonly warmup: ResolvedStop | undefined;
  readonly givenWarmup: StopRule | undefined;
  readonly seed: bigint;
  readonly limits: RequestLimits;
  readonly timeouts: StreamTimeouts | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: LoadProgress) => void) | undefined;
  readonly workers: number;
  readonly stallTimeoutMs: number;
  readonly machine: GivenFacts;
}

const NAMES = [
  "profile",
  "requests",
  "stop",
  "warmup",
  "seed",
  "limits",
  "timeouts",
  "signal",
  "onProgress",
  "workers",
  "stallTimeoutMs",
  "machine",
] satisfies (keyof LoadOptions)[];

const DEFAULT_STALL_TIMEOUT_MS = 600_000;
const MAX_SEED = 2n ** 64n - 1n;

/** Fills in the defaults and checks everything. @throws {INVALID_OPTION} */
export function resolveLoadOptions(options: LoadOptions): ResolvedLoadOptions {
  checkKnownOptions("options", options, NAMES);
  const { profile, requests, limits = {}, workers = 1, machine = {}, timeouts, signal, onProgress } = options;
  checkProfile("profile", profile);
  checkRequests("requests", requests);
  checkRequestLimits("limits", limits);
  checkInteger("workers", workers, [1, 64]);
  checkGivenFacts("machine", machine);
  checkSignal("signal", signal);
  resolveStreamTimeouts(timeouts);
  const isCallable = onProgress === undefined || typeof onProgress === "function";
  checkOption(isCallable, "onProgress", { wanted: "a function", value: onProgress });
  const stallTimeoutMs = options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS;
  checkPositive("stallTimeoutMs", stallTimeoutMs);
  const stop = resolvePhaseStop("stop", options.stop ?? {}, options);
  const warmup = options.warmup && resolvePhaseStop("warmup", options.warmup, options);
  if (workers > 1 && !isOpen(profile)) {
    const holds = stop.count < Infinity && (warmup?.count ?? 0) < Infinity;
    checkOption(holds, "stop.count", { wanted: "given for a closed loop with several workers", value: options.stop });
  }
  const seed = resolveSeed(options.seed ?? 0);
  const given = { givenStop: options.stop ?? {}, givenWarmup: options.warmup };
  return {
    profile,
    requests,
    limits,
    workers,
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
