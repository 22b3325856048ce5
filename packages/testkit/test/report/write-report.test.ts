import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRunReport, toMarkdown, writeReport } from "../../src/report/index.js";
import { REPORT_FILES } from "../../src/report/write-report.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { sampleReport } from "./sample-run.js";

test("writes every file into a new folder, and nothing else", async () => {
  await using folder = await createTemporaryFolder();
  const report = await sampleReport({ count: 40 });
  const { files } = await writeReport(report, join(folder.path, "a/b"));

  expect(readdirSync(join(folder.path, "a/b")).sort()).toEqual([...REPORT_FILES].sort());
  expect(parseRunReport(readFileSync(files["run.json"], "utf8"))).toEqual(JSON.parse(JSON.stringify(report)));
  expect(readFileSync(files["summary.md"], "utf8")).toBe(toMarkdown(report));
  expect(readFileSync(files["report.html"], "utf8")).toMatch(/^<!doctype html>/);
});

test("replaces the files of an earlier report", async () => {
  await using folder = await createTemporaryFolder();
  await writeReport(await sampleReport({ count: 40 }), folder.path);
  const { files } = await writeReport(await sampleReport({ count: 20 }), folder.path);

  expect(readFileSync(files["requests.jsonl"], "utf8").trimEnd().split("\n")).toHaveLength(20);
  expect(readdirSync(folder.path)).toHaveLength(REPORT_FILES.length);
});

test("a folder that cannot be created is REPORT_FAILED", async () => {
  await using folder = await createTemporaryFolder();
  const file = join(folder.path, "file");
  writeFileSync(file, "");

  await expect(writeReport(await sampleReport({ count: 20 }), join(file, "run"))).rejects.toMatchObject({
    code: "REPORT_FAILED",
    message: expect.stringContaining(join(file, "run")) as string,
  });
});

test("a file that cannot be put in place is REPORT_FAILED, and no partial file is left", async () => {
  await using folder = await createTemporaryFolder();
  mkdirSync(join(folder.path, "requests.csv/occupied"), { recursive: true });

  await expect(writeReport(await sampleReport({ count: 20 }), folder.path)).rejects.toMatchObject({
    code: "REPORT_FAILED",
  });
  expect(readdirSync(folder.path).sort()).toEqual(["requests.csv", "requests.jsonl", "run.json"]);
});
