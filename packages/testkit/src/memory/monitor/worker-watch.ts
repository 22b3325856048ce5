import type { WorkerTestHarness } from "../../harness/index.js";
import type { MemoryMark } from "../record.js";
import type { MemoryPhaseName, MemorySample } from "../sample.js";
import type { HealthFacts } from "../sources/source.js";

/** Worker clocks report whole seconds or fractions; a smaller step backwards is rounding. */
const UPTIME_ROUNDING_SECONDS = 1;
const ASKED_FOR_SIGNALS: readonly string[] = ["SIGTERM", "SIGINT"];

/** Detects whether the worker was replaced. */
export class WorkerWatch {
  readonly #worker: WorkerTestHarness;
  readonly #marks: MemoryMark[] = [];
  #last: HealthFacts;
  #incarnation = 1;
  #state: MemorySample["worker"] = "running";

  constructor(worker: WorkerTestHarness, first: HealthFacts) {
    this.#worker = worker;
    this.#last = first;
  }

  get marks(): readonly MemoryMark[] {
    return this.#marks;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** Whether it is still running. An end during `after-stop` is expected. */
  lookForEnd(phase: MemoryPhaseName, atMs: number): MemorySample["worker"] {
    const { exitInfo } = this.#worker;
    if (exitInfo === undefined || this.#state !== "running") return this.#state;
    const clean = exitInfo.kind === "exited" ? exitInfo.code === 0 : ASKED_FOR_SIGNALS.includes(exitInfo.signal);
    this.#state = clean || phase === "after-stop" ? "stopped" : "died";
    const detail = exitInfo.kind === "exited" ? `exit code ${exitInfo.code}` : exitInfo.signal;
    this.#marks.push({ kind: this.#state, atMs, detail });
    return this.#state;
  }

  /** Compares `/health` with the previous answer. */
  lookForRestart(health: HealthFacts, atMs: number): void {
    const before = this.#last;
    this.#last = health;
    const hasOtherPid = health.pid !== undefined && before.pid !== undefined && health.pid !== before.pid;
    const isYounger = (health.uptimeSeconds ?? Infinity) + UPTIME_ROUNDING_SECONDS < (before.uptimeSeconds ?? 0);
    if (!hasOtherPid && !isYounger) return;
    this.#incarnation += 1;
    const detail = hasOtherPid
      ? `pid ${before.pid} became ${health.pid}`
      : `uptime fell from ${before.uptimeSeconds} s to ${health.uptimeSeconds} s`;
    this.#marks.push({ kind: "restart", atMs, detail });
  }

  mark(mark: MemoryMark): void {
    this.#marks.push(mark);
  }
}
