import { expect, test } from "vitest";
import { runSuite } from "../../src/conformance/run/run-conformance.js";
import { WorkerTestHarness } from "../../src/harness/index.js";
import type { DialectName } from "../../src/dialects/index.js";

/** Everything that the worker speaks. */
const DIALECTS: readonly DialectName[] = [
  "orcd",
  "openai-chat",
  "openai-completions",
  "openai-responses",
  "anthropic",
  "ollama",
];

test.each(DIALECTS)(
  "the stub in the dialect %s: every check that applies passes",
  { timeout: 180_000 },
  async (dialect) => {
    const report = await runSuite(
      {
        kind: "started",
        command: "stub",
        start: (signal) =>
          WorkerTestHarness.startMock({
            stub: { content: "instructions", timing: { ttftMs: 4, itlMs: 2 } },
            parallel: 4,
            signal,
          }),
      },
      { level: "full", dialect, budgetFactor: 5 },
    );
    const open = report.checks.filter(({ status }) => status !== "pass" && status !== "not-applicable");
    expect(open.map(({ id, status, message }) => `${id}: ${status}: ${message}`)).toEqual([]);
    expect(report.restarts).toEqual([]);
    expect(report.coverage.ran).toBeGreaterThan(10);
  },
);
