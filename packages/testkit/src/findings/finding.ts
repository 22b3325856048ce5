import type { FindingCode } from "./registry.js";

/** What was seen. */
export interface SeenFinding {
  readonly code: FindingCode;
  /** Self-contained: what was seen, with its figures. */
  readonly message: string;
  /** The job whose answer showed it, if there was one with an id. */
  readonly jobId?: string | undefined;
  /** What the test did that explains it, such as `kill("SIGKILL")`, if that is already known. */
  readonly explainedBy?: string | undefined;
}

/**
 * What the framework noticed about a worker, and what follows from it:
 * - `fails`: `stop()` throws;
 * - `allowed`: the test allows this code by name;
 * - `explained`: the test caused it, with a fault or a call; see `explainedBy`;
 * - `note`: a fact that is worth knowing and not wrong.
 */
export interface Finding extends SeenFinding {
  readonly status: "fails" | "allowed" | "explained" | "note";
}
