import type { DeterminismLevel } from "inference-worker-protocol";

/** Why a check fails, and is known to. */
export interface KnownDeviation {
  /** @minLength 1 */
  readonly reason: string;
  /**
   * Where it is described.
   * @minLength 1
   */
  readonly link?: string | undefined;
}

/** Limits of a request. */
export interface DeclaredLimits {
  /**
   * Tokens of a prompt and its answer.
   * @asType integer
   * @minimum 1
   * @maximum 9007199254740991
   */
  readonly contextTokens?: number | undefined;
  /**
   * The largest `max_tokens`.
   * @asType integer
   * @minimum 1
   * @maximum 9007199254740991
   */
  readonly maxTokens?: number | undefined;
}

/** What a server declares about itself; the content of `profile.json`. Its schema is `inference-testkit/conformance/profile-schema`. */
export interface ConformanceProfile {
  /** Address of the schema of this file, for editors. */
  readonly $schema?: string | undefined;
  /**
   * Jobs that the server runs at the same time.
   * @asType integer
   * @minimum 1
   * @maximum 10000
   */
  readonly slots?: number | undefined;
  /**
   * Jobs that may wait for a slot; 0: the server refuses a job if all slots are busy.
   * @asType integer
   * @minimum 0
   * @maximum 9007199254740991
   */
  readonly maxQueue?: number | undefined;
  /** What it guarantees about repeated requests. */
  readonly determinism?: readonly DeterminismLevel[] | undefined;
  /** How a client cancels a job. Without it, what the dialect has. */
  readonly cancel?: "endpoint" | "disconnect" | undefined;
  /** Limits of a request. */
  readonly limits?: DeclaredLimits | undefined;
  /** Known deviations, by the id of the check. They are reported, and do not fail the run. */
  readonly deviations?: Readonly<Record<string, KnownDeviation>> | undefined;
}
