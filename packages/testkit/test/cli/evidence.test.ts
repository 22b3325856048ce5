import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { writeSampleBundle } from "../viewer/sample-bundle.js";
import { startCli } from "./run-cli.js";

test("evidence show writes one page and prints its path", async () => {
  await using folder = await createTemporaryFolder();
  await writeSampleBundle(folder.path, [{}, { gapAt: 1 }]);
  const { exitCode, stdout, stderr } = await startCli(["evidence", "show", folder.path]).finished;

  expect([exitCode, stderr, stdout]).toEqual([0, "", `${join(folder.path, "evidence.html")}\n`]);
  expect(await readFile(stdout.trim(), "utf8")).toContain("<title>streams &gt; in order</title>");

  const out = join(folder.path, "new", "page.html");
  const json = await startCli(["evidence", "show", folder.path, "--out", out, "--json"]).finished;
  expect(JSON.parse(json.stdout)).toEqual({ ok: true, page: out, jobCount: 2, failedCount: 1 });
});

test("evidence show refuses an incomplete bundle with the file and the reason, and points to the page of a folder of bundles", async () => {
  await using folder = await createTemporaryFolder();
  const bundle = await writeSampleBundle(join(folder.path, "one"), [{}]);
  const above = await startCli(["evidence", "show", folder.path]).finished;
  expect(above.exitCode).toBe(1);
  expect(above.stderr).toContain(`inference-testkit evidence page ${folder.path}`);

  await rm(join(bundle, "metadata.json"));
  const { exitCode, stdout, stderr } = await startCli(["evidence", "show", bundle]).finished;
  expect([exitCode, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(`[EVIDENCE_INVALID] ${join(bundle, "metadata.json")}: cannot be read`);
});

test("evidence page writes the page of a run", async () => {
  await using folder = await createTemporaryFolder();
  await writeSampleBundle(join(folder.path, "one"), [{ gapAt: 1 }]);
  const results = join(folder.path, "results.xml");
  await writeFile(
    results,
    '<testsuite><testcase name="streams &gt; in order"><failure message="m"/></testcase></testsuite>',
  );
  const { exitCode, stdout, stderr } = await startCli(["evidence", "page", folder.path, "--junit", results, "--json"]).finished; // prettier-ignore

  expect([exitCode, stderr]).toEqual([0, ""]);
  const page = join(folder.path, "index.html");
  expect(JSON.parse(stdout)).toEqual({ ok: true, page, testCount: 1, failedCount: 1, bundleCount: 1 });
});
