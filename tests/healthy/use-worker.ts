import {
  assertAllOk,
  assertStreamed,
  makeTestRequest,
  WorkerTestHarness,
  type ProgramOptions,
} from "inference-testkit";
import { expect } from "vitest";

const JOB_COUNT = 6;

/** Runs several jobs, one after another and at once, whole and cut off; a healthy worker passes and is not accused of anything. */
export async function expectHealthy(options: ProgramOptions): Promise<void> {
  const worker = await WorkerTestHarness.launch(options);
  try {
    const whole = await worker.executeAll(createRequests("whole", 64), { concurrency: 1 });
    assertAllOk(whole);
    assertAllOk(await worker.executeAll(createRequests("short", 12), { concurrency: 3 }));
    for (const { stream } of whole) assertStreamed(stream);
    await worker.disconnectAfter(createRequests("left", 64)[0]!, { tokens: 3, how: "reset" });
    assertAllOk(await worker.executeAll(createRequests("after", 64)));
  } catch (error) {
    await worker.stop().catch(() => undefined);
    throw error;
  }
  const report = await worker.stop();
  expect(report?.findings).toEqual([]);
}

function createRequests(name: string, tokens: number) {
  return Array.from({ length: JOB_COUNT }, (_, index) => {
    const { seed: _seed, ...request } = makeTestRequest(`${name}-${index}`, "Hello", tokens);
    return request;
  });
}
