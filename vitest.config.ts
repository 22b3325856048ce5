import { defaultExclude, defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.js";

/** `npm run test:real`: the tests of real models and real servers, which take minutes. All others are in `npm test`. */
const REAL = ["tests/servers/**/*.test.ts", "tests/e2e-*.test.ts", "tests/peers/**/*.test.ts"];
/** `npm run test:matrix`: what takes too long for `npm test`, which samples the most of it: whole matrices, and every conformance check. */
const MATRIX = "**/*.matrix.test.ts";
/** Test files follow one another in a process, which saves loading the sources for each of them: a third of the time of the whole suite. */
const ALL = ["packages/*/test/**/*.test.ts", "tests/*.test.ts", "examples/**/*.test.ts"];
/** A file that replaces the timers would hand them to the next one, so it has a process of its own. */
const CLOCK = "packages/*/test/**/*.clock.test.ts";

const PROJECTS = [
  {
    extends: true as const,
    test: { name: "shared", include: ALL, exclude: [CLOCK, MATRIX, ...defaultExclude], isolate: false },
  },
  { extends: true as const, test: { name: "clock", include: [CLOCK] } },
];
/** The suites that are not in `npm test`, by the name in INFERENCE_TESTKIT_SUITE. */
const SUITES: Readonly<Record<string, readonly string[]>> = { real: REAL, matrix: [MATRIX] };
const chosen = SUITES[process.env["INFERENCE_TESTKIT_SUITE"] ?? ""];

export default defineConfig({
  // `await using` is lowered: Node 20 has no native explicit resource management.
  oxc: { target: "es2022" },
  test: {
    projects: chosen === undefined ? PROJECTS : [{ extends: true, test: { include: [...chosen] } }],
    setupFiles: ["scripts/test-setup.ts"],
    globalSetup: ["scripts/test-run.ts"],
    reporters: ["default", new SummaryReporter()],
    pool: "forks",
    maxWorkers: 4, // on two cores: half of the time of a test is waiting
    testTimeout: 120_000, // the last resort: every wait has a time-out of its own, and a busy machine takes its time
    hookTimeout: 120_000,
    retry: 0,
  },
});
