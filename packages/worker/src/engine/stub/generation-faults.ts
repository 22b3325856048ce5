import { WorkerError, type WorkerErrorCode } from "inference-worker-protocol";
import type { FaultHit } from "worker-orcd-control";
import { waitUntil, type Pacer } from "./pacing.js";
import type { GenerationFaultId, StubPlan } from "./plan.js";

type Hit = FaultHit<GenerationFaultId>;

/** The faults that end a job with an error of the engine. */
const FAILURES: Partial<Record<GenerationFaultId, { readonly code: WorkerErrorCode; readonly what: string }>> = {
  "vram-oom": { code: "VRAM_OOM", what: "out of device memory" },
  "cuda-error": { code: "CUDA_ERROR", what: "device failure" },
  "inference-failed": { code: "INFERENCE_FAILED", what: "engine failure" },
  lies: { code: "INFERENCE_FAILED", what: "engine failure" },
};

/** The faults of one generation that strike at a token or at a time. */
export class GenerationFaults {
  readonly #plan: StubPlan;
  readonly #pacer: Pacer;
  /** Those that wait for a time, the earliest first. */
  readonly #timed: { readonly atMs: number; readonly hit: Hit }[] = [];
  readonly #counted = new Map<number, Hit[]>();
  #hangs = false;

  constructor(plan: StubPlan, pacer: Pacer) {
    this.#plan = plan;
    this.#pacer = pacer;
    for (const hit of plan.generation) this.#schedule(hit);
    this.#timed.sort((a, b) => a.atMs - b.atMs);
  }

  /** @throws {WorkerError} what a fault after exactly so many tokens reports. */
  async strikeAfter(tokens: number): Promise<void> {
    for (const hit of this.#counted.get(tokens) ?? []) await this.#strike(hit, `after token ${tokens}`);
  }

  /**
   * Waits until a moment, and lets the faults that come before it happen.
   *
   * @throws {WorkerError} what such a fault reports.
   */
  waitUntil(dueMs: number, signal: AbortSignal): Promise<void> {
    return this.#timed.length === 0 && !this.#hangs ? waitUntil(dueMs, signal) : this.#waitInSteps(dueMs, signal);
  }

  async #waitInSteps(dueMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const untilMs = this.#hangs ? Infinity : dueMs;
      const [first] = this.#timed;
      if (first === undefined || first.atMs > untilMs) return waitUntil(untilMs, signal);
      await waitUntil(first.atMs, signal);
      if (signal.aborted) return;
      this.#timed.shift();
      await this.#strike(first.hit, `after ${Math.round(first.atMs - this.#pacer.startedAtMs)} ms`);
    }
  }

  #schedule(hit: Hit): void {
    const { id, at } = hit.fault;
    if (id === "lies") this.#count(0, hit);
    if (typeof at !== "object") return;
    if ("afterMs" in at) this.#timed.push({ atMs: this.#pacer.startedAtMs + at.afterMs, hit });
    if ("afterTokens" in at) this.#count(at.afterTokens, hit);
  }

  #count(tokens: number, hit: Hit): void {
    const hits = this.#counted.get(tokens);
    if (hits === undefined) this.#counted.set(tokens, [hit]);
    else hits.push(hit);
  }

  async #strike(hit: Hit, when: string): Promise<void> {
    if (this.#hangs && hit.fault.id === "hang") return;
    hit.fire();
    const failure = FAILURES[hit.fault.id];
    if (failure !== undefined) throw new WorkerError(failure.code, `${failure.what} ${when} (stub fault)`);
    if (hit.fault.id === "slow") this.#pacer.slowDown(hit.fault.params.itlMs);
    if (hit.fault.id === "hang") this.#hangs = true;
    if (hit.fault.id === "exit") await this.#plan.exit(hit.fault.params.code);
  }
}
