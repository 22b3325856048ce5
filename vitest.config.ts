import { defineConfig } from "vitest/config";

export default defineConfig({
  // `await using` is lowered: Node 20 has no native explicit resource management.
  oxc: { target: "es2022" },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
  },
});
