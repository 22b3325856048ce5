import type { WorkerTestHarness } from "../../harness/index.js";
import { isTestkitError, reasonOf } from "../../errors/index.js";
import type { CheckContext } from "../context.js";
import type { StartChange } from "../server/start-change.js";
import type { CheckTarget } from "../target/check-target.js";
import { fail, inconclusive } from "../verdict.js";

/** The grace that orchestrators give: `terminationGracePeriodSeconds` of Kubernetes. */
export const GRACE_MS = 30_000;

/** Another process of the server under test, and a target that speaks its dialect. */
export interface Launched {
  readonly harness: WorkerTestHarness;
  readonly target: CheckTarget;
}

/** Starts another process of the server. The check is inconclusive if that fails: the machine may not have room for two. */
export async function launch(context: CheckContext, change?: StartChange): Promise<Launched> {
  try {
    const harness = await context.launch(change);
    return { harness, target: context.target.at(harness.baseUrl) };
  } catch (error) {
    context.signal.throwIfAborted();
    return inconclusive(`a second process of the server: ${reasonOf(error)}`);
  }
}

/** Sends SIGTERM and waits for the end. The check fails if it does not come in the grace. */
export async function terminate({ harness }: Launched, signal: NodeJS.Signals = "SIGTERM") {
  harness.kill(signal);
  const startedAtMs = performance.now();
  try {
    const exit = await harness.waitForExit({ timeoutMs: GRACE_MS });
    return { exit, tookMs: performance.now() - startedAtMs };
  } catch (error) {
    if (!isTestkitError(error, "EXIT_TIMEOUT")) throw error;
    return fail({
      expected: `the process to end within ${GRACE_MS} ms of ${signal}`,
      got: "a process that still runs",
    });
  }
}
