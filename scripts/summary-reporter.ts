import type { Reporter, TestModule } from "vitest/node";

/** Fewer executed tests than this is a failure: tests that silently do not run prove nothing. Raised with the suite. */
const MINIMUM_EXECUTED = 7_000;

/** Prints why tests were skipped, checks the number of executed ones, and ends with `N passed, N failed, N skipped`. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const passed = count("passed");
    const failed = count("failed") + brokenModules + unhandledErrors.length;
    for (const test of tests) {
      const result = test.result();
      if (result.state === "skipped") write(`skipped: ${test.fullName} (${result.note ?? "no reason given"})`);
    }
    const isOther = process.env["INFERENCE_TESTKIT_SUITE"] !== undefined;
    const filtered = isOther || process.argv.slice(2).some((word) => word !== "run" && !word.startsWith("-"));
    if (!filtered && passed + failed < MINIMUM_EXECUTED) {
      write(`only ${passed + failed} tests ran, at least ${MINIMUM_EXECUTED} must`);
      process.exitCode = 1;
    }
    write(`${passed} passed, ${failed} failed, ${count("skipped")} skipped`);
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
