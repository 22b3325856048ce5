import type { Finding } from "../findings/index.js";
import type { StopReport as ProcessStopReport } from "../launch/index.js";

/** How a worker was stopped, and what was noticed about it from its start on. */
export interface StopReport extends ProcessStopReport {
  /** Everything, also what is allowed, explained by a fault or only a note. */
  readonly findings: readonly Finding[];
}
