import { defineConfig } from "vitest/config";

/** The tests of the folders that are mutated: `packages/x/src/y` is tested by `packages/x/test/y`. */
const targets = (process.env["MUTATION_TARGETS"] ?? "").split(",");
const folderOf = (target: string): string => target.replace(/\/[^/]+\.ts$/, "").replace("/src/", "/test/");

export default defineConfig({
  oxc: { target: "es2022" },
  test: {
    include: targets.map((target) => `${folderOf(target)}/**/*.test.ts`),
    pool: "threads",
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
