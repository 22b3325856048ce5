import { execFile, spawn } from "node:child_process";
import { cp, readdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EvidencePageData } from "../../src/viewer/page-data.js";
import { BROWSER_STARTS_WITHIN_MS, findChromium, openChromium } from "../../../../tests/support/chromium.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";

const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));
const RUN_WITHIN_MS = 180_000;

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let root: string;
let run: { readonly output: string; readonly data: EvidencePageData };

/** Runs the cases in a folder of their own, with the reporter's defaults. */
beforeAll(async () => {
  folder = await createTemporaryFolder();
  root = join(folder.path, "project");
  await cp(join(import.meta.dirname, "reporter-runs"), root, { recursive: true });
  await symlink(MODULES, join(root, "node_modules"));
  run = await runCases();
}, RUN_WITHIN_MS);
afterAll(() => folder[Symbol.asyncDispose]());

async function runCases() {
  const summary = join(folder.path, "summary.md");
  const env = { ...process.env, NO_COLOR: "1", GITHUB_STEP_SUMMARY: summary, INFERENCE_TESTKIT_SUITE: "" };
  const output = await new Promise<string>((resolve) => {
    const args = [VITEST, "run", "--root", root, "--no-color"];
    execFile(process.execPath, args, { env, cwd: root }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
  const html = await readFile(pageOf(), "utf8").catch(() => expect.fail(output));
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!;
  return { output, data: JSON.parse(json) as EvidencePageData };
}

const pageOf = () => join(root, "test-results/inference-testkit/index.html");

test("the page has every test with status, worker, faults and error, and the bundles of those that failed", () => {
  const { run: shown, bundles } = run.data;
  const tests = shown!.tests.map(({ name, status, workers, errors }) => {
    return [name, status, workers.map(({ kind, bundle }) => [kind, bundle !== null]), errors.length];
  });

  expect(tests).toEqual([
    ["streams > every token has the next index (1 + 1)", "failed", [["worker", true]], 1],
    ["streams > a fault that never fires", "failed", [["mock", true]], 1],
    ["with evidence of its own > fails", "failed", [["mock", true]], 1],
    ["streams > completes", "passed", [["mock", false]], 0],
    [
      "streams > passes at last",
      "passed",
      [
        ["mock", false],
        ["mock", false],
      ],
      1,
    ],
    ["streams > later", "skipped", [], 0],
  ]);
  expect(shown!.tests[4]!.note).toBe("passed at attempt 2");
  const [first, never, , passed] = shown!.tests.map(({ workers }) => workers[0]!);
  expect(first!.faults).toMatchObject([{ id: "index-gap", fired: 1, firedAtMs: expect.any(Number) as number }]);
  expect(first!.readyAfterMs).toBeGreaterThan(0);
  expect(passed!.stop).toMatchObject({ exit: { kind: "exited", code: 0 }, killed: false, survivors: [] });
  expect(never!.faults).toMatchObject([{ id: "vram-oom", fired: 0 }]);
  expect(never!.stop).not.toBeNull(); // its stop failed; the bundle has the report
  expect(shown!.errors).toMatchObject([{ message: "broken.case.mjs: this file <b>cannot</b> be loaded" }]);
  expect(bundles).toHaveLength(3);
  expect(bundles[2]!.metadata.redacted).toMatchObject({ prompts: true, text: true });
});

test("a failed test keeps evidence without being asked; one that passed leaves none", async () => {
  const names = await readdir(join(root, "test-results/inference-testkit/evidence"));

  expect(names).toHaveLength(3);
  expect(names.join(" ")).not.toMatch(/completes|at-last/);
  expect(names.join(" ")).not.toContain("secret");
});

test("the summary of the step and the terminal lead to the page", async () => {
  const summary = await readFile(join(folder.path, "summary.md"), "utf8");

  expect(run.output).toContain(`inference-testkit: ${pageOf()}`);
  expect(summary).toContain("3 failed, 2 passed, 1 skipped, 1 error outside tests");
  expect(summary).toContain("](test-results/inference-testkit/index.html)");
  expect(summary).toContain("expected a token with i=4, got token i=5");
  expect(summary).not.toContain("<b>");
});

test("the command of a test runs it alone", { timeout: RUN_WITHIN_MS }, async () => {
  const { again } = run.data.run!.tests[0]!;
  expect(again).toBe("npx vitest run streams.case.mjs -t '^streams every token has the next index \\(1 \\+ 1\\)$'");
  const output = await new Promise<string>((resolve) => {
    const child = spawn("sh", ["-c", `${again!} --no-color --reporter=verbose`], { cwd: root, env: { ...process.env, NO_COLOR: "1" } }); // prettier-ignore
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.once("close", () => resolve(text));
  });

  expect(output).toMatch(/Tests +1 failed \| 5 skipped/);
});

test(
  "in a browser, the page of a failed order test leads to the violated event in one click",
  { timeout: BROWSER_STARTS_WITHIN_MS },
  async ({ skip }) => {
    const executable = findChromium();
    if (executable === undefined) return skip("no Chromium in PATH, and CHROMIUM names none");
    await using browser = await openChromium(executable);
    const page = await browser.context.newPage();
    await page.goto(pathToFileURL(pageOf()).href);
    expect(await page.locator(".verdict-banner").innerText()).toMatch(
      /every token has the next index \(1 \+ 1\) job-2: event 5 of 12: expected a token with i=4, got token i=5 .* ms after it was sent/,
    );

    await page.getByRole("link", { name: "Open its evidence" }).click();
    const row = page.getByRole("listbox", { name: "Transcript" }).locator("[aria-selected=true]");
    expect(await row.innerText()).toContain("✗ token i=5");
    const details = await page.locator(".details").innerText();
    expect(details).toContain("Broken rule: token-index");
    expect(details).toContain('{"event":"fault_fired","fault":"index-gap#1","job_id":"job-2"}');
    expect(details).toContain("curl -iN");
    expect(await page.locator(".time-line canvas").getAttribute("aria-label")).toContain("index-gap#1 fired after");
  },
);
