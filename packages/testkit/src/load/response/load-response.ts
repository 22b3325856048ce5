import type { Distribution } from "../metrics/distribution.js";

/** One value of the load, and what the worker made of it. */
export interface LoadStep {
  /** Clients of a closed loop; requests per second that the schedule of an open loop has in the step. */
  readonly offered: number;
  /** In ms from the start of the run; the requests of the step are due within it. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly attempted: number;
  readonly ok: number;
  /** ok requests per second. */
  readonly achievedPerSec: number;
  /** Requests that are ok and meet the SLO, per second. */
  readonly goodputPerSec: number;
  /** Mean end-to-end latency of the ok requests; from schedule in an open loop. `null` without one. */
  readonly e2eMeanMs: number | null;
  /** From schedule in an open loop. */
  readonly ttft: Distribution;
  readonly itl: Distribution;
}

/** Where more load begins to cost more latency than it gains throughput, or why that was not found. */
export type Knee =
  | {
      readonly status: "found";
      /** Position in `steps`. */
      readonly step: number;
      readonly message: string;
    }
  | { readonly status: "none"; readonly message: string };

/** How a worker responds to more load: of a sweep, of stages, or of a ramp in eight parts. */
export interface LoadResponse {
  readonly offeredUnit: "clients" | "requests/s";
  readonly steps: readonly LoadStep[];
  readonly knee: Knee;
}

/**
 * The load of a step in words.
 *
 * @example describeOffered(4, "clients") // "4 clients"
 */
export function describeOffered(offered: number, unit: LoadResponse["offeredUnit"]): string {
  if (unit === "clients") return offered === 1 ? "1 client" : `${offered} clients`;
  return `${Math.round(offered * 1000) / 1000} requests/s`;
}
