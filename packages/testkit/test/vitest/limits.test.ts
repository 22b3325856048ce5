import { expect, test } from "vitest";
import { runVitest } from "./run-vitest.js";

const TIMEOUT_MS = 180_000;
test(
  "the log of the worker is printed for an assertion that knows nothing of it",
  { timeout: TIMEOUT_MS },
  async () => {
    const { output } = await runVitest("limit-runs", { filters: ["assertion"] }).ended;

    expect(output).toMatch(/Tests +1 failed \(1\)/);
    expect(output).toContain("AssertionError: expected 1 to be 2");
    expect(output).toMatch(/last \d+ log lines of worker worker-\w+:\n(.*\n)* {2}\| .*"event":"execute_end"/);
  },
);
