import { TestkitError } from "../errors/index.js";
import type { CheckResult } from "./report/conformance-report.js";
import { planConformance, type ConformanceOptions, type ResolvedConformanceOptions } from "./run/options.js";
import { createKeeper } from "./run/run-conformance.js";
import { SuiteRun } from "./run/suite-run.js";
import type { ServerKeeper } from "./server/server-keeper.js";
import type { ServerSource } from "./server/server-source.js";
import { toSource, type ConformanceTarget } from "./target-option.js";

/** What a test of Vitest or node:test can do; Jest has none of it. */
interface TestContext {
  skip?(reason: string): void;
}

/** The functions of a test runner, and the options of the run. */
export interface ConformanceTests extends Omit<ConformanceOptions, "onResult" | "baseline"> {
  /** `test` of Vitest, Jest or node:test. */
  readonly test: (name: string, run: (...contexts: TestContext[]) => Promise<void>) => unknown;
  /** `afterAll` of Vitest or Jest, `after` of node:test; stops the server. */
  readonly afterAll: (run: () => Promise<void>) => unknown;
}

/**
 * Registers one test for each check. The server is started by the first test that runs. A check that does not apply skips its test with the
 * reason; under Jest, which cannot skip a running test, it passes. An inconclusive check fails its test.
 *
 * @throws {INVALID_OPTION}
 * @example defineConformanceTests(() => WorkerTestHarness.launch(server), { test, afterAll, level: "smoke" });
 */
export function defineConformanceTests(target: ConformanceTarget, given: ConformanceTests): void {
  const { test, afterAll, ...options } = given;
  const { resolved, checks } = planConformance(options);
  const session = new TestSession(toSource(target), resolved);
  for (const check of checks) {
    test(`${check.id}: ${check.title}`, async (...contexts) => {
      // Jest takes a function with a parameter for one that calls back.
      const run = await session.open();
      const [result] = await run.run([check]);
      const reason = result && toReason(result);
      if (reason !== undefined) contexts[0]?.skip?.(reason);
    });
  }
  afterAll(() => session.close());
}

/** Why the test is skipped. @throws {CONFORMANCE_FAILED} the check failed, or has no verdict. */
function toReason(result: CheckResult): string | undefined {
  const { id, status, message, expected, got, why, curl, deviation } = result;
  if (status === "pass") return undefined;
  if (status === "not-applicable") return message;
  if (status === "fail" && deviation !== null) return `declared deviation: ${deviation.reason}`;
  throw new TestkitError("CONFORMANCE_FAILED", {
    message:
      expected === null
        ? `${id} is ${status}: ${message}`
        : [`${id} failed`, `expected: ${expected}`, `got: ${got ?? ""}`],
    hint: why,
    details: { status, curl: curl ?? undefined },
  });
}

/** One server for all tests of a file. */
class TestSession {
  readonly #keeper: ServerKeeper;
  readonly #signal: AbortSignal;
  readonly #options: ResolvedConformanceOptions;
  #run: Promise<SuiteRun> | undefined;

  constructor(source: ServerSource, options: ResolvedConformanceOptions) {
    this.#keeper = createKeeper(source, options);
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  open(): Promise<SuiteRun> {
    this.#run ??= this.#keeper.open(this.#signal).then(() => new SuiteRun(this.#keeper, this.#options, this.#signal));
    return this.#run;
  }

  async close(): Promise<void> {
    await this.#run?.catch(() => undefined); // the tests have failed with it
    await this.#keeper[Symbol.asyncDispose]();
  }
}
