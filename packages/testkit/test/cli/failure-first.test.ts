import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRunReport } from "../../src/report/index.js";
import { createTemporaryFolder, runCli, skipIfClientWasLate } from "./run-cli.js";

const FILLS_UP = new URL("./workers/fills-up.mjs", import.meta.url).pathname;
const DIES = new URL("./workers/dies-under-load.mjs", import.meta.url).pathname;

function writeLimits(limits: object): string {
  const path = join(createTemporaryFolder(), "limits.json");
  writeFileSync(path, JSON.stringify(limits));
  return path;
}

test("a failing profile names limit, value and time in the first line of every output", async (context) => {
  const out = createTemporaryFolder();
  const limits = writeLimits({ ttft: { p50: 900 } });
  const command = `'${process.execPath}' ${FILLS_UP} {port}`;
  const load = [
    "--command",
    command,
    "--dialect",
    "orcd",
    "--concurrency",
    "8",
    "--requests",
    "60",
    "--max-tokens",
    "2",
  ];
  const { exitCode, stdout, stderr } = await runCli([
    "profile",
    ...load,
    "--no-memory",
    "--limits",
    limits,
    "--out",
    out,
  ]);
  skipIfClientWasLate(context, { exitCode, stdout });

  const [first = ""] = stdout.split("\n", 1);
  expect(first, stdout + stderr).toMatch(
    /^FAIL {2}TTFT p50 [\d,]+ ms \(limit 900\) · 1 more failed · 36 of 60 QUEUE_FULL from [\d.]+ s on$/,
  );
  expect(stdout).not.toMatch(/requests succeed/);
  const [headline = "", , , after] = readFileSync(join(out, "summary.md"), "utf8").split("\n");
  expect(headline).toMatch(/^## ❌ FAIL: TTFT p50 [\d,]+ ms \\\(limit 900\\\) · .* QUEUE\\_FULL from [\d.]+ s on/);
  expect(after).toBe("");
  expect(readFileSync(join(out, "report.html"), "utf8")).toMatch(/<title>FAIL TTFT p50 [\d,]+ ms \(limit 900\) – /);
});

test("a worker that ends with code 3 in the middle of a run: the code leads, and the run is reported", async () => {
  const out = createTemporaryFolder();
  const command = `'${process.execPath}' ${DIES} {port}`;
  const args = ["--command", command, "--dialect", "orcd", "--requests", "30", "--no-memory", "--out", out];
  const { exitCode, stdout, stderr } = await runCli(["profile", ...args]);

  expect(stdout, stderr).toMatch(/^FAIL {2}The worker ended with exit code 3 before it was stopped · /);
  expect(stderr).toContain("[PROCESS_DIED] The worker ended with exit code 3");
  expect(stderr).not.toContain("SuppressedError");
  expect(stderr).toContain("| ends with code 3"); // its last log line
  expect(exitCode).toBe(1);
  const report = parseRunReport(readFileSync(join(out, "run.json"), "utf8"));
  expect(report.verdicts).toContainEqual(expect.objectContaining({ group: "worker", status: "fail" }));
  expect(report.load!.counts.attempted).toBeGreaterThan(5);
});

test.each(["1", "2"])(
  "--keep-text keeps prompts, outputs and the arrival of every token, with %s threads",
  async (threads) => {
    const out = createTemporaryFolder();
    const stub = JSON.stringify({ timing: { ttftMs: 5, itlMs: 1 } });
    const args = ["--stub", "--stub-config", stub, "--requests", "3", "--max-tokens", "6", "--no-memory", "--out", out];
    await runCli([
      "profile",
      ...args,
      "--prompt",
      "Once <b>upon</b> a time",
      "--keep-text",
      "--concurrency",
      "2",
      "--client-threads",
      threads,
    ]);

    const { texts } = parseRunReport(readFileSync(join(out, "run.json"), "utf8")).load!;
    expect(texts).toMatchObject({ leftOutCount: 0, requests: [{ index: 0 }, { index: 1 }, { index: 2 }] });
    for (const { prompt, output, contentAtMs } of texts!.requests) {
      expect(prompt).toBe("Once <b>upon</b> a time");
      expect(output).not.toBe("");
      expect(contentAtMs).toHaveLength(6);
      expect(contentAtMs).toEqual([...contentAtMs].sort((a, b) => a - b));
    }
  },
);

test("compare prints no key of a metric, says what it wrote, and writes the page to a folder or a file", async () => {
  const folder = createTemporaryFolder();
  const stub = JSON.stringify({ timing: { ttftMs: 5, itlMs: 1 } });
  const args = ["--stub", "--stub-config", stub, "--requests", "20", "--max-tokens", "6", "--no-memory"];
  await runCli(["profile", ...args, "--out", join(folder, "old", "1")]);
  cpSync(join(folder, "old", "1"), join(folder, "old", "2"), { recursive: true });
  const paths = [join(folder, "old"), join(folder, "old", "1")];

  const without = await runCli(["compare", ...paths]);
  expect(without.stdout).toMatch(/\nno page was written; --out <folder> writes one\n$/);
  expect(without.stdout).toMatch(/TTFT p50: [\d.]+ → [\d.]+ ms/);
  expect(without.stdout).not.toMatch(/\bttft\b|\btpot\b|Throughput|errorRate|goodputRatio|itl/);

  const file = join(folder, "pages", "builds.html");
  const page = await runCli(["compare", ...paths, "--out", file]);
  expect(page.stdout).toContain(`report: ${file}\n`);
  expect(readFileSync(file, "utf8")).toMatch(/^<!doctype html>\n[^]*<title>INCONCLUSIVE {2}/);
  const json = await runCli(["compare", ...paths, "--out", join(folder, "pages"), "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ page: join(folder, "pages", "comparison.html") });
  expect(existsSync(join(folder, "pages", "comparison.html"))).toBe(true);

  const blocked = await runCli(["compare", ...paths, "--out", join(file, "inside")]);
  expect(blocked.stderr).toContain("[REPORT_FAILED]");
  expect(blocked.exitCode).toBe(1);
});
