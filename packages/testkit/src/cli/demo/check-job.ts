import type { ExecuteRequest } from "inference-worker-protocol";
import { assertTokenCount, collectSseEvents, extractTokens } from "../../events/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import type { DemoCheck, JobReport } from "./engine-report.js";
import type { StreamedJob } from "./stream-job.js";

/**
 * At least one token, no more than requested, and exactly the requested number if the stop reason is
 * `max_tokens`.
 */
export function checkTokenCount({ events }: StreamedJob, report: JobReport): DemoCheck {
  const { tokensOut, tokenEventCount, maxTokens, stopReason } = report;
  const name = "token-count";
  try {
    assertTokenCount(events, { min: 1, max: maxTokens });
  } catch (error) {
    return { name, passed: false, detail: (error as Error).message };
  }
  const counts = `${tokensOut} tokens in ${tokenEventCount} events`;
  if (stopReason === "max_tokens" && tokensOut !== maxTokens) {
    return { name, passed: false, detail: `${counts}, but the stop reason claims all ${maxTokens}` };
  }
  const joined = tokenEventCount < tokensOut ? " (a token that ends inside a character is joined to the next)" : "";
  return { name, passed: true, detail: `${counts}${joined}` };
}

/** Runs a request once more, with the same seed: the tokens must be the same. */
export async function checkRepeat(
  worker: WorkerTestHarness,
  request: ExecuteRequest,
  first: StreamedJob,
): Promise<DemoCheck> {
  const expected = extractTokens(first.events);
  const got = extractTokens(await collectSseEvents(await worker.execute(request)));
  const difference = findDifference(expected, got);
  const detail = difference ?? "the same prompt and seed again gave the same tokens";
  return { name: "repeat", passed: difference === undefined, detail };
}

function findDifference(expected: readonly string[], got: readonly string[]): string | undefined {
  const longest = expected.length > got.length ? expected : got;
  const index = longest.findIndex((_, at) => expected[at] !== got[at]);
  if (index === -1) return undefined;
  return `token ${index} was ${quote(expected[index])}, and ${quote(got[index])} the second time`;
}

function quote(token: string | undefined): string {
  return token === undefined ? "missing" : JSON.stringify(token);
}
