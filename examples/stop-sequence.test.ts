// #region stop-sequence
import { expect, test } from "vitest";
import {
  assertStopReason,
  collectSseEvents,
  extractText,
  makeTestRequest,
  TestPrompts,
  WorkerTestHarness,
} from "inference-testkit";

test("generation ends before the stop sequence", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const { prompt, stop } = TestPrompts.withStop();

  const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", prompt, 100, { stop })));

  assertStopReason(events, "stop_sequence", { sequence: "}" });
  expect(extractText(events)).not.toContain("}");
});
// #endregion
