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
    const wallMs = Math.max(1, performance.now() - this.#startedAtMs);
    // The histogram has the time between two samples, so subtract the sampling interval.
    const toDelayMs = (ns: number) => round(Math.max(0, ns / 1e6 - RESOLUTION_MS));
    const delayAt = (percentile: number) =>
      this.#delays.count === 0 ? 0 : toDelayMs(this.#delays.percentile(percentile));
    return {
      client,
      eventLoopDelayMs: { p50: delayAt(50), p95: delayAt(95), p99: delayAt(99), max: delayAt(100) },
      cpuShare: Math.round(((cpu.ms - this.#cpuBefore.ms) / wallMs) * 1000) / 1000,
      cpuSource: cpu.source,
    };
  }
}

/** CPU time so far. `/proc/thread-self` is the reading thread; a synchronous read makes that this one. */
function readCpu(): { ms: number; source: "thread" | "process" } {
  try {
    const [ns = ""] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
    return { ms: Number(ns) / 1e6, source: "thread" };
  } catch {
    const { user, system } = process.cpuUsage(); // not Linux
    return { ms: (user + system) / 1000, source: "process" };
  }
}
