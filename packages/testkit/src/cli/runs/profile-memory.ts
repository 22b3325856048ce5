import { InvalidOptionError, isTestkitError, reasonOf } from "../../errors/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import type { LoadProfile } from "../../load/index.js";
import { formatBytes, plural } from "../../numbers/index.js";
import { monitorMemory, type MemoryMonitor, type MemoryRecord } from "../../memory/index.js";
import type { ReportVerdict } from "../../report/run-report.js";
import type { Output } from "../../terminal/index.js";
import type { RunBounds } from "./default-run.js";
import type { ProfileFlags } from "./flags.js";

const WATCH_EVERY_MS = 250;
/** Two thirds of the idle points are judged, and a verdict takes ten. */
const ROUNDS = 20;
/** Growth below 64 MiB is none: with fewer requests, a leak of 2 MiB a request would not be found. */
const LEAST_REQUESTS = 40;
const LIMIT_BYTES = 64 * 1024 ** 2;
const LOADS: readonly LoadProfile["kind"][] = ["serial", "concurrency", "constant", "poisson"];

type MemoryFlags = Pick<ProfileFlags, "memory" | "gpuDevice">;

/**
 * The rounds of the run: several if memory is judged, because it is judged between them.
 *
 * @throws {INVALID_OPTION} memory cannot be judged under this load.
 */
export function chooseRounds({ memory }: MemoryFlags, profile: LoadProfile, { stop }: RunBounds): number {
  if (memory !== true) return 1;
  if (!LOADS.includes(profile.kind)) {
    throw new InvalidOptionError({
      message: `Expected \`--memory\` together with a load that does not change, got the profile \`${profile.kind}\``,
      hint: "More load uses more memory, which is not a leak: judge memory in a run with `--rate` or `--concurrency`.",
    });
  }
  const { count = Infinity } = stop;
  if (count >= LEAST_REQUESTS) return ROUNDS;
  throw new InvalidOptionError({
    message: `Expected \`--memory\` together with at least ${LEAST_REQUESTS} requests, got \`--requests ${count}\``,
    hint: "A leak is judged by idle moments between requests; with 100 requests, one of 1 MiB a request is found.",
  });
}

/** Watches the memory of a worker during a run, and takes a sample in its idle moments if memory is judged. */
export class ProfileMemory implements AsyncDisposable {
  readonly #monitor: MemoryMonitor;
  readonly #signal: AbortSignal;
  readonly #problems: Output;

  private constructor(monitor: MemoryMonitor, signal: AbortSignal, problems: Output) {
    this.#monitor = monitor;
    this.#signal = signal;
    this.#problems = problems;
  }

  /** `undefined` if memory is not to be watched. */
  static async open(
    worker: WorkerTestHarness,
    { memory, gpuDevice }: MemoryFlags,
    { signal, problems }: { signal: AbortSignal; problems: Output },
  ): Promise<ProfileMemory | undefined> {
    if (memory === false) return undefined;
    const monitor = await monitorMemory(worker, { everyMs: WATCH_EVERY_MS, gpuDevice });
    return new ProfileMemory(monitor, signal, problems);
  }

  begin(): void {
    this.#monitor.phase("inference");
  }

  end(): void {
    this.#monitor.phase("idle");
  }

  /** An idle point. A worker that is busy or gone has none, which the verdict takes into account. @param cycle the requests so far. */
  readonly sampleIdle = async (cycle: number): Promise<void> => {
    try {
      await this.#monitor.sampleIdle({ cycle, signal: this.#signal });
    } catch (error) {
      if (isTestkitError(error)) this.#problems.line(`memory: no idle moment: ${reasonOf(error)}`);
      else if (!this.#signal.aborted) throw error;
    }
  };

  stop(): Promise<MemoryRecord> {
    return this.#monitor.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#monitor.stop();
  }
}

/** What is missing if memory was to be judged: a verdict. */
export function listMissingVerdicts(
  { memory }: MemoryFlags,
  record: MemoryRecord | undefined,
  requestCount: number,
): ReportVerdict[] {
  if (memory !== true || record === undefined) return [];
  const reasons = record.sources.map(({ name, reason }) => `${name}: ${reason ?? "no idle moment"}`);
  const none = `no source of memory could be judged: ${reasons.join("; ")}`;
  const few = `${plural(requestCount, "request")} can only show a leak of more than ${formatBytes(LIMIT_BYTES / Math.max(1, requestCount))} a request; make at least ${LEAST_REQUESTS}`;
  const message = record.verdicts.length === 0 ? none : requestCount < LEAST_REQUESTS ? few : undefined;
  if (message === undefined) return [];
  return [{ group: "memory", name: "no leak", status: "inconclusive", message, expected: "no leak", actual: null }];
}
