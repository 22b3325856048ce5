import { defaultExclude, defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.js";

/** `npm run test:real`: the tests of real models and real servers, which take minutes. All others are in `npm test`. */
const REAL = ["tests/servers/**/*.test.ts", "tests/e2e-*.test.ts", "tests/peers/**/*.test.ts"];
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

const isReal = process.env["INFERENCE_TESTKIT_REAL"] === "1";

export default defineConfig({
  // `await using` is lowered: Node 20 has no native explicit resource management.
  oxc: { target: "es2022" },
  test: {
    projects: isReal
      ? [{ extends: true, test: { name: "real", include: REAL } }]
      : [
          { extends: true, test: { name: "shared", include: SHARED, isolate: false } },
          { extends: true, test: { name: "own", include: ALL, exclude: [...SHARED, ...defaultExclude] } },
        ],
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
