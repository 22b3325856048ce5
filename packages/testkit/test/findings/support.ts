import type { ExecuteRequest } from "inference-worker-protocol";
import { onTestFinished } from "vitest";
import { isTestkitError, type TestkitError } from "../../src/errors/index.js";
import type { FindingCode } from "../../src/findings/index.js";
import { WorkerTestHarness, type ProgramOptions } from "../../src/harness/index.js";
import { makeTestRequest } from "../../src/requests/index.js";
import { collectStream } from "../../src/events/index.js";
import { errorOf, workerOptions } from "../launch/helpers.js";

/** Starts the worker that misbehaves in these ways; whatever the test does, it is stopped in the end. */
export async function launchMisbehaving(
  ways: readonly string[],
  options: Partial<ProgramOptions> = {},
): Promise<WorkerTestHarness> {
  const program = workerOptions(["misbehaves", "{port}", ...ways]);
  const worker = await WorkerTestHarness.launch({ ...program, ready: { kind: "http" }, dialect: "orcd", ...options });
  onTestFinished(async () => {
    await worker.stop().catch(() => undefined);
  });
  return worker;
}

/** Runs one job and reads its stream. */
export async function runJob(worker: WorkerTestHarness, fields: Partial<ExecuteRequest> = {}) {
  return collectStream(await worker.execute({ ...makeTestRequest("job-1", "Hello", 8, { seed: 7 }), ...fields }));
}

/** The error of `stop()`, which must be about findings. */
export async function findingsErrorOf(worker: WorkerTestHarness): Promise<TestkitError> {
  const error = await errorOf(worker.stop());
  if (isTestkitError(error, "FINDINGS_NOT_ALLOWED")) return error;
  throw new Error("Expected an error about findings", { cause: error });
}

/** The codes that fail the test. */
export async function failingCodes(worker: WorkerTestHarness): Promise<readonly FindingCode[]> {
  return (await findingsErrorOf(worker)).details["codes"] as readonly FindingCode[];
}
