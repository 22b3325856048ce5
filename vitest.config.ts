import { defaultExclude, defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.js";

/** `npm run test:real`: the tests of real models and real servers, which take minutes. All others are in `npm test`. */
const REAL = ["tests/servers/**/*.test.ts", "tests/e2e-*.test.ts", "tests/peers/**/*.test.ts"];
/** `npm run test:conformance`: every conformance check on healthy servers and on servers with a defect, which takes minutes as well. */
const MATRIX = "**/*.matrix.test.ts";
/**
 * Tests of functions, and of sockets of their own: the files of one process follow one another in it, which saves loading the
 * sources for each of them. A file that replaces the timers (`*.clock.test.ts`) would hand them to the next one, so it has a
 * process of its own, like every file that is not listed here.
 */
const SHARED = [
  "packages/{control,protocol}/test",
  "packages/report-page/test/{series,timeline}",
  "packages/testkit/test/{errors,events,jobs,load,matchers,numbers,options,report,requests,system,terminal}",
  "packages/testkit/test/memory/{gpu,leak}",
  "packages/worker/test/{jobs,telemetry,text}",
].map((folder) => `${folder}/**/!(*.clock).test.ts`);
const ALL = ["packages/*/test/**/*.test.ts", "tests/*.test.ts", "examples/**/*.test.ts"];

const PROJECTS = [
  { extends: true as const, test: { name: "shared", include: SHARED, isolate: false } },
  { extends: true as const, test: { name: "own", include: ALL, exclude: [...SHARED, MATRIX, ...defaultExclude] } },
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
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
  },
});
