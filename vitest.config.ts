import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.js";

/** `npm run test:real`: the tests of real models and real servers, which take minutes. All others are in `npm test`. */
const REAL = ["tests/servers/**/*.test.ts", "tests/e2e-*.test.ts", "tests/peers/**/*.test.ts"];
const isReal = process.env["INFERENCE_TESTKIT_REAL"] === "1";

export default defineConfig({
  // `await using` is lowered: Node 20 has no native explicit resource management.
  oxc: { target: "es2022" },
  test: {
    include: isReal ? REAL : ["packages/*/test/**/*.test.ts", "tests/*.test.ts", "examples/**/*.test.ts"],
    setupFiles: ["scripts/test-setup.ts"],
    globalSetup: ["scripts/test-run.ts"],
    reporters: ["default", new SummaryReporter()],
    pool: "forks",
    maxWorkers: 3, // on two cores: a third of the time of a test is waiting
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
  },
});
