// #region report
import { expect, test } from "vitest";
import { makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { judgeLimits, runLoad } from "inference-testkit/load";
import { monitorMemory } from "inference-testkit/memory";
import { createRunReport, writeReport } from "inference-testkit/report";
// #endregion report
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "inference-testkit-example-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

// #region report
test("a report of a run under load", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 4, stub: { timing: { ttftMs: 10, itlMs: 2 } } });
  await using monitor = await monitorMemory(worker);

  const load = await runLoad(worker, {
    profile: { kind: "concurrency", clients: 2 },
    requests: (index) => makeTestRequest(`job-${index}`, "Write a story", 10),
    stop: { count: 30 },
  });
  const memory = await monitor.stop();

  const report = createRunReport({ title: "nightly", load, limits: judgeLimits(load, { errors: 0 }), memory });
  const { files } = await writeReport(report, await temporaryFolder());

  expect(report.status).not.toBe("fail"); // "invalid" says that this machine was too busy to measure
  expect(Object.keys(files)).toEqual([
    ...["run.json", "requests.jsonl", "requests.csv", "junit.xml", "summary.md", "report.html"],
  ]);
});
// #endregion report
