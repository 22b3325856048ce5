import { defineConfig } from "vitest/config";

/** The tests of the folders that are mutated: `packages/x/src/y` is tested by `packages/x/test/y`. */
const folders = process.env["MUTATION_FOLDERS"]?.split(",") ?? [];

export default defineConfig({
  oxc: { target: "es2022" },
  test: {
    include: folders.map((folder) => `${folder.replace("/src/", "/test/")}/**/*.test.ts`),
    pool: "threads",
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
