import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const MODULES = join(import.meta.dirname, "../../../../node_modules");
const CASE = `
import { makeTestRequest } from "inference-testkit";
import { expect, test } from "inference-testkit/vitest";
test.override("mockOptions", { stub: { content: { script: process.env.SCRIPT.split("|") } } });
test("answers as before", async ({ mockWorker }) => {
  const options = process.env.DEVICE ? { key: { device: process.env.DEVICE } } : {};
  await expect(mockWorker).toMatchGolden("greeting", makeTestRequest("job-1", "Hello", 5), options);
});
`;

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "inference-testkit-test-"));
  await symlink(MODULES, join(project, "node_modules"));
  await writeFile(join(project, "greeting.test.mjs"), CASE);
});
afterEach(() => rm(project, { recursive: true, force: true }));

/** Runs the project's test; the output without colors. */
function run(env: Record<string, string>, ...flags: string[]): Promise<{ code: number; output: string }> {
  const { CI: _ci, ...rest } = process.env;
  const args = [VITEST, "run", "--root", project, "--no-color", "--reporter=verbose", "--testTimeout=60000", ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...rest, SCRIPT: "Hel|lo", ...env } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}

test("Vitest records, compares, records again with -u, skips for another device and fails in CI", async () => {
  expect((await run({})).code).toBe(0);
  expect(await readdir(join(project, "__golden__", "greeting.test.mjs"))).toEqual(["greeting.json"]);
  const different = await run({ SCRIPT: "Hel|p", CI: "true" });
  expect(different.output).toContain('golden:   "lo"');
  expect(different.output).toContain('received: "p"');
  expect(different.code).toBe(1);

  const elsewhere = await run({ DEVICE: "H100" });
  expect(elsewhere.output).toContain("1 skipped");
  expect(elsewhere.output).toContain('"H100" now');
  expect(elsewhere.code).toBe(0);

  expect((await run({ SCRIPT: "Hel|p" }, "-u")).code).toBe(0);
  expect(await readFile(join(project, "__golden__/greeting.test.mjs/greeting.json"), "utf8")).toContain(
    '"text": "Help"',
  );
});
