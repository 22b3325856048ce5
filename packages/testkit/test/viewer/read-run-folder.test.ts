import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BundleShelf } from "../../src/viewer/embed-bundles.js";
import { readRunFolder } from "../../src/viewer/read-run-folder.js";
import { runToMarkdown } from "../../src/viewer/to-markdown.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { writeSampleBundle } from "./sample-bundle.js";

const JUNIT = `<testsuites><testsuite><testcase classname="test_a" name="by_property" time="1"><properties>
<property name="evidence of mock" value="evidence/one"/><property name="evidence of worker" value="evidence/gone"/></properties>
<failure message="m">s</failure></testcase><testcase classname="suite" name="by name" time="1"/>
<testcase classname="suite" name="alone" time="1"><failure message="n"/></testcase></testsuite></testsuites>`;

test("a test finds its bundle by property or name, and a bundle that no test claims is shown", async () => {
  await using folder = await createTemporaryFolder();
  const at = (name: string) => join(folder.path, "evidence", name);
  await writeFile(join(folder.path, "junit.xml"), JUNIT);
  await writeSampleBundle(at("one"), [{ gapAt: 1 }], { metadata: { testName: "test_a.py::by_property" } });
  await writeSampleBundle(at("two"), [{}], { metadata: { testName: "suite > by name" } });
  await writeSampleBundle(at("three"), [{}], { metadata: { testName: "left over" } });
  await mkdir(at("broken"), { recursive: true });
  await writeFile(join(at("broken"), "metadata.json"), "{");
  await symlink(at("one"), at("link"));

  const { run, bundles } = await readRunFolder(folder.path, undefined);

  const shown = run!.tests.map(({ name, status, workers, again }) => {
    return [
      name,
      status,
      workers.map(({ kind, bundle }) => [kind, bundle === null ? null : bundles[bundle]!.folder]),
      again,
    ];
  });
  expect(shown).toEqual([
    ["by_property", "failed", [["mock", at("one")]], "python -m pytest test_a.py::by_property"],
    ["alone", "failed", [], null],
    ["by name", "passed", [["worker", at("two")]], null],
    [at("broken"), "passed", [["worker", null]], null],
    ["left over", "passed", [["worker", at("three")]], null],
  ]);
  expect(run!.tests[3]!.workers[0]!.leftOut).toContain("The evidence cannot be read: ");
});

test("a folder without bundles and results is an error that names it", async () => {
  await using folder = await createTemporaryFolder();

  await expect(readRunFolder(folder.path, undefined)).rejects.toThrow(
    `Expected \`folder\` to contain bundles of evidence or a junit.xml, got \`${folder.path}\``,
  );
  await expect(readRunFolder(join(folder.path, "no"), undefined)).rejects.toThrow("to be a folder that can be read");
  await expect(readRunFolder(folder.path, join(folder.path, "no.xml"))).rejects.toThrow("`--junit` to be a file");
});

test("a bundle for which a page has no room is left out, with the command that shows it", async () => {
  await using folder = await createTemporaryFolder();
  const [one, two] = [join(folder.path, "one"), join(folder.path, "two")];
  await writeSampleBundle(one, [{ tokenCount: 10 }]);
  await writeSampleBundle(two, [{ tokenCount: 10 }]);
  const shelf = new BundleShelf(3_600);

  expect(await shelf.add(one)).toEqual({ bundle: 0, leftOut: null });
  expect(await shelf.add(one)).toEqual({ bundle: 0, leftOut: null });
  const { bundle, leftOut } = await shelf.add(two);
  expect(bundle).toBeNull();
  expect(leftOut).toContain(`inference-testkit evidence show ${two}`);
});

test("the summary names what failed and links to the page; markup in names stays text", () => {
  const errors = [{ message: "<b>broken</b> | cell\nsecond line", stack: null }];
  const facts = { file: "a.test.ts", durationMs: 5, note: null, workers: [], again: null };
  const tests = [{ name: "<img src=x> | `a`", status: "failed" as const, errors, ...facts }];
  const run = { runner: "Vitest", startedAt: null, durationMs: null, tests, errors: [], omittedTestCount: 2 };
  const markdown = runToMarkdown(run, "test results/index.html");

  expect(markdown).toContain("❌ Tests with Vitest: 1 failed, 2 more");
  expect(markdown).toContain("[All tests with their evidence](test%20results/index.html)");
  expect(markdown).not.toContain("<img");
  expect(markdown).not.toContain("<b>");
  expect(markdown.split("\n").filter((line) => line.startsWith("|"))).toHaveLength(3);
});
