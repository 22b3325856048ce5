import type { FaultHit } from "worker-orcd-control";
import { waitUntil, type Pacer } from "./pacing.js";
import type { StubPlan } from "./plan.js";
import { findStrike, type GenerationFaultId, type StrikeTarget } from "./strikes.js";

type Hit = FaultHit<GenerationFaultId>;

/** The faults of one generation that take effect after a number of tokens or at a time. */
export class GenerationFaults implements StrikeTarget {
  readonly #plan: StubPlan;
  readonly #pacer: Pacer;
  /** Faults at a time, the earliest first. */
  readonly #timed: { readonly atMs: number; readonly hit: Hit }[] = [];
  readonly #counted = new Map<number, Hit[]>();
  #hangs = false;

  constructor(plan: StubPlan, pacer: Pacer) {
    this.#plan = plan;
    this.#pacer = pacer;
    for (const hit of plan.generation) if (findStrike(hit.fault.id) !== undefined) this.#schedule(hit);
    this.#timed.sort((a, b) => a.atMs - b.atMs);
  }

  hang(): void {
    this.#hangs = true;
  }

  slowDown(itlMs: number): void {
    this.#pacer.slowDown(itlMs);
  }

  exit(code: number): Promise<never> {
    return this.#plan.exit(code);
  }

  /** @throws {WorkerError} the error of a fault after exactly this number of tokens. */
  async strikeAfter(tokens: number): Promise<void> {
    for (const hit of this.#counted.get(tokens) ?? []) await this.#strike(hit, `after token ${tokens}`);
  }

  /**
   * Waits until a time, and applies the faults that are due before it.
   *
   * @throws {WorkerError} the error of such a fault.
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
    const { at } = hit.fault;
    if (typeof at === "object" && "afterMs" in at) {
      this.#timed.push({ atMs: this.#pacer.startedAtMs + at.afterMs, hit });
      return;
    }
    const tokens = typeof at === "object" && "afterTokens" in at ? at.afterTokens : 0;
    this.#counted.set(tokens, [...(this.#counted.get(tokens) ?? []), hit]);
  }

  async #strike(hit: Hit, when: string): Promise<void> {
    if (this.#hangs && hit.fault.id === "hang") return;
    hit.fire();
    await findStrike(hit.fault.id)?.strike(this, hit, when);
  }
}
