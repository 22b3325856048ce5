// #region tests
import { afterAll, expect, test } from "vitest";
import { WorkerTestHarness } from "inference-testkit";
import { defineConformanceTests, runConformance, writeConformanceReport } from "inference-testkit/conformance";

const startServer = () =>
  WorkerTestHarness.startMock({ parallel: 2, stub: { content: "instructions", timing: { itlMs: 3 } } });

defineConformanceTests(startServer, { test, afterAll, level: "smoke", only: ["ready", "length"] });
// #endregion

// #region run
test("the server conforms, with one known deviation", async ({ onTestFinished }) => {
  const report = await runConformance(startServer, {
    dialect: "openai-chat",
    only: ["ready", "stop"],
    profile: {
      slots: 2,
      deviations: { "stop.prefix-is-withheld": { reason: "fixed in 2.1", link: "https://example.com/7" } },
    },
    skip: { "ready.lists-the-model-that-answers": "the list is made by a gateway" },
  });

  expect(report.status, report.message).toBe("pass");
  expect(report.notSeen).toEqual(["stop.prefix-is-withheld"]);
  // #endregion
  const { mkdtemp, rm } = await import("node:fs/promises");
  const folder = await mkdtemp("/tmp/inference-testkit-conformance-");
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  expect(Object.keys(await writeConformanceReport(report, folder))).toContain("junit.xml");
});
