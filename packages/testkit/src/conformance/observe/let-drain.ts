import { setTimeout as delay } from "node:timers/promises";
import { isRetriable } from "../../dialects/index.js";
import { isTestkitError } from "../../errors/index.js";
import type { CheckContext } from "../context.js";

/** In silences: how long a server may work through what is left. */
const MOST_SILENCES = 6;
/** Between two refusals of a full server. */
const PAUSE_MS = 200;

/**
 * Waits until a job is answered again, after a check that leaves many jobs behind. Until the server has taken each of them up and found its
 * client gone, others wait, which would be taken for a defect in the next check. At most six times the silence that is allowed; a server that
 * does not answer then is found by the next check.
 */
export async function letDrain({ target, prompts, signal }: CheckContext): Promise<void> {
  const endsAtMs = performance.now() + MOST_SILENCES * target.silenceMs;
  while (!signal.aborted && performance.now() < endsAtMs) {
    try {
      const { status } = await target.ask(prompts.endless(), { max_tokens: 1 });
      if (!isRetriable(status)) return; // it answers, or refuses for another reason than being full
      await delay(PAUSE_MS, undefined, { signal });
    } catch (error) {
      if (!isWait(error)) return; // what it is shows in the next check
    }
  }
}

/** Whether a request was taken, and not answered in time. */
export function isWait(error: unknown): boolean {
  return isTestkitError(error) && error.code.startsWith("LIMIT_");
}
