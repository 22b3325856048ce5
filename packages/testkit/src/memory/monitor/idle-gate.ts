import { setTimeout as delay } from "node:timers/promises";
import { TestkitError } from "../../errors/index.js";
import { abortSignal, defineOptions, durationMs, integer, withDefault, type OptionsOf } from "../../options/index.js";
import type { MemoryRecord } from "../record.js";
import type { MemorySample } from "../sample.js";
import type { HealthFacts } from "../sources/source.js";
import type { ReadResult } from "./sample-reader.js";

/** The options of `sampleIdle()`. */
export const IDLE_OPTIONS = defineOptions({
  /** Number of the cycle that this point ends. @default the last one + 1, from 0 */
  cycle: integer([0, 1e12]),
  /** Time-out for a moment without jobs, in ms. @default 10000 */
  timeoutMs: withDefault(durationMs(), 10_000),
  /** Ends the waiting. */
  signal: abortSignal(),
});

/** Options of `sampleIdle()`. */
export interface IdleOptions extends OptionsOf<typeof IDLE_OPTIONS> {}

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** What passes the gate. */
export interface IdlePassage {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly read: () => Promise<ReadResult>;
  readonly keep: (result: ReadResult, idle: boolean) => MemorySample;
}

/** Lets a read through while the worker is idle, and afterwards checks that it was idle until the read ended. */
export class IdleGate {
  readonly #askHealth: () => Promise<HealthFacts>;
  #idleBy: MemoryRecord["idleBy"];

  constructor(askHealth: () => Promise<HealthFacts>, first: HealthFacts) {
    this.#askHealth = askHealth;
    this.#idleBy = first.slots === undefined ? "caller" : "slots";
  }

  get idleBy(): MemoryRecord["idleBy"] {
    return this.#idleBy;
  }

  /** @throws {MEMORY_QUIET_TIMEOUT} @throws {PROCESS_DIED} @throws the signal's reason. */
  async pass({ timeoutMs, signal, read, keep }: IdlePassage): Promise<MemorySample> {
    const startedAt = performance.now();
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      signal?.throwIfAborted();
      const before = await this.#findJobs();
      if (before === undefined) {
        const result = await read();
        const idle = (await this.#findJobs()) === undefined;
        const sample = keep(result, idle);
        if (idle) return sample;
      }
      if (performance.now() - startedAt > timeoutMs) throw createIdleTimeout(before, timeoutMs);
      await delay(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** The jobs of the worker, if it has any. */
  async #findJobs(): Promise<HealthFacts["slots"]> {
    const { slots } = await this.#askHealth();
    if (slots === undefined) this.#idleBy = "caller";
    return slots === undefined || slots.busy + slots.queued === 0 ? undefined : slots;
  }
}

function createIdleTimeout(slots: HealthFacts["slots"], timeoutMs: number): TestkitError {
  const jobs = slots === undefined ? "new ones kept starting" : `${slots.busy} running, ${slots.queued} queued`;
  return new TestkitError("MEMORY_QUIET_TIMEOUT", {
    message: `the worker was busy for ${timeoutMs} ms, expected a moment without jobs: ${jobs}`,
    details: { ...slots, waitedMs: timeoutMs },
  });
}
