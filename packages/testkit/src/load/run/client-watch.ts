import { readFileSync } from "node:fs";
import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";
import { round } from "../metrics/distribution.js";

/** How often the event loop is sampled, in ms. */
const RESOLUTION_MS = 1;

/** How busy the measuring client was: an overloaded client measures itself. */
export interface ClientLoad {
  /** From 0. */
  readonly client: number;
  /** How late the event loop was, in ms. */
  readonly eventLoopDelayMs: Readonly<Record<"p50" | "p95" | "p99" | "max", number>>;
  /** CPU time per wall time of this thread; 1 is a whole core. */
  readonly cpuShare: number;
  /** `thread`: this thread alone (Linux). `process`: all threads of the process. */
  readonly cpuSource: "thread" | "process";
}

/** Measures this thread's event-loop delay and CPU time during a phase. */
export class ClientWatch {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #startedAtMs = performance.now();
  readonly #cpuBefore = readCpu();

  constructor() {
    this.#delays.enable();
  }

  /** Stops measuring. */
  stop(client: number): ClientLoad {
    this.#delays.disable();
    const cpu = readCpu();
    const wallMs = performance.now() - this.#startedAtMs;
    const delayAt = (percentile: number) => toDelayMs(this.#delays.percentile(percentile));
    return {
      client,
      eventLoopDelayMs: { p50: delayAt(50), p95: delayAt(95), p99: delayAt(99), max: delayAt(100) },
      cpuShare: toCpuShare(cpu.ms - this.#cpuBefore.ms, wallMs),
      cpuSource: cpu.source,
    };
  }
}

/** The histogram has the time between two samples: the delay is what exceeds the sampling interval. */
export function toDelayMs(betweenSamplesNs: number): number {
  return round(Math.max(0, betweenSamplesNs / 1e6 - RESOLUTION_MS));
}

/** CPU time per wall time; less than a millisecond counts as one. */
export function toCpuShare(cpuMs: number, wallMs: number): number {
  return round(cpuMs / Math.max(1, wallMs));
}

/** CPU time so far. `/proc/thread-self` is the reading thread; a synchronous read makes that this one. */
export function readCpu(file = "/proc/thread-self/schedstat"): { ms: number; source: "thread" | "process" } {
  try {
    const [ns] = readFileSync(file, "utf8").split(" ");
    return { ms: Number(ns) / 1e6, source: "thread" };
  } catch {
    const { user, system } = process.cpuUsage(); // not Linux
    return { ms: (user + system) / 1000, source: "process" };
  }
}
