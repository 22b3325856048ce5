import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { TestModel } from "../../src/models/index.js";
import { parseRunReport } from "../../src/report/index.js";
import { readCommit } from "../../src/system/index.js";
import { createTemporaryFolder, runCli } from "./run-cli.js";

async function profile(args: readonly string[], cwd = createTemporaryFolder()) {
  const out = createTemporaryFolder();
  const limited = ["--requests", "2", "--max-tokens", "2", "--no-memory", "--out", out];
  const { stderr } = await runCli(["profile", ...args, ...limited], { cwd });
  const text = readFileSync(join(out, "run.json"), "utf8");
  return { report: parseRunReport(text), texts: text + readFileSync(join(out, "report.html"), "utf8") + stderr };
}

function git(folder: string, ...args: readonly string[]): string {
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  return execFileSync("git", ["-C", folder, ...author, ...args], { encoding: "utf8" }).trim();
}

test("the command of a run has no credentials, wherever they were given", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const url = worker.baseUrl.replace("//", "//user:hunter2@");
  const header = ["--header", "Authorization: Bearer s3cr3t-value"];
  const { report, texts } = await profile(["--url", worker.baseUrl, "--dialect", "orcd", ...header, "--title", url]);

  expect(report.provenance?.command).toMatch(/^inference-testkit profile --url http:\S+ --dialect orcd --header /);
  expect(report.provenance?.command).not.toMatch(/s3cr3t|hunter2/);
  expect(texts).not.toContain("s3cr3t-value");
});

test("a run of a model has the hash of its file", async () => {
  const { path } = await TestModel.synthetic();
  const { report } = await profile(["--model", path]);

  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  expect(report.load?.machine).toMatchObject({ modelHash: sha256, parallelism: 1 });
});

test("a run in a repository has its commit, and says if files were changed", async () => {
  const folder = createTemporaryFolder();
  expect(await readCommit(folder)).toBeUndefined();
  git(folder, "init", "--quiet");
  expect(await readCommit(folder)).toBeUndefined(); // no commit yet
  writeFileSync(join(folder, "file"), "one");
  git(folder, "add", ".");
  git(folder, "commit", "--quiet", "--message", "first");
  const commit = git(folder, "rev-parse", "--short=12", "HEAD");
  writeFileSync(join(folder, "not-tracked"), "");
  expect(await readCommit(folder)).toBe(commit);
  writeFileSync(join(folder, "file"), "two");

  const { report } = await profile(["--stub"], folder);
  expect(report.provenance).toMatchObject({ commit: `${commit}-dirty`, stubConfig: null });
});
