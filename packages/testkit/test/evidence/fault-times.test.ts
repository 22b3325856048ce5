import { collectStream, makeTestRequest, readEvidence, WorkerTestHarness } from "inference-testkit";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";

test("a bundle has the time at which a fault first fired, and how long the start took", async () => {
  await using folder = await createTemporaryFolder();
  const worker = await WorkerTestHarness.startMock();
  await worker.recordTo(folder.path);
  await worker.faults.arm([
    { id: "index-gap", at: { afterTokens: 2 } },
    { id: "vram-oom", at: { afterTokens: 100 }, optional: true },
  ]);
  await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 5)));
  await worker.stop();

  const { verdicts, metadata, transcript } = await readEvidence(folder.path);
  const [gap, never] = verdicts.faults;
  const [sent, end] = [transcript[0], transcript.at(-1)].map((line) => (line?.kind === "cut" ? 0 : (line?.atMs ?? 0)));
  expect(gap!.firedAtMs).toBeGreaterThan(sent!);
  expect(gap!.firedAtMs).toBeLessThan(end! + 2_000); // the line of its log may arrive after the stream
  expect(never).toMatchObject({ id: "vram-oom", fired: 0 });
  expect(never).not.toHaveProperty("firedAtMs");
  expect(metadata.worker.readyAfterMs).toBeGreaterThan(0);
});
