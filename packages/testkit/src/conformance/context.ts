import type { WorkerTestHarness } from "../harness/index.js";
import type { ServerFacts } from "./capabilities.js";
import type { Prompts } from "./prompts.js";
import type { StartChange } from "./server/start-change.js";
import type { CheckTarget } from "./target/check-target.js";

/** What a check works with. Everything that it sends through `target` is recorded as its evidence. */
export interface CheckContext {
  readonly target: CheckTarget;
  /** Prompts that fit the model; each attempt of a check gets other ones. */
  readonly prompts: Prompts;
  /** Returns the next number from 0 to 1; depends only on the seed of the run, the check and the attempt. */
  readonly random: () => number;
  /** What is known about the server. */
  readonly server: ServerFacts;
  /** From 1; an inconclusive check is repeated. */
  readonly attempt: number;
  /** Aborted when the budget of the check is used up. Requests of `target` end with it. */
  readonly signal: AbortSignal;
  /** Starts another process of the same server, which ends with the check. For checks that need `launch`. */
  readonly launch: (change?: StartChange) => Promise<WorkerTestHarness>;
}
