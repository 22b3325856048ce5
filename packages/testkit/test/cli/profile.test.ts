import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { parseRunReport } from "../../src/report/index.js";
import { REPORT_FILES } from "../../src/report/write-report.js";
import { createTemporaryFolder, exists, runCli, skipIfClientWasLate, startCli, waitUntil } from "./run-cli.js";

/** Slower than the client: at full speed the client is at its own limit, and says so. */
const TIMING = { ttftMs: 5, itlMs: 2 };
const BUNDLED = ["--stub", "--stub-config", JSON.stringify({ timing: TIMING }), "--parallel", "4", "--max-tokens", "8"];

function writeLimits(limits: object): string {
  const path = join(createTemporaryFolder(), "limits.json");
  writeFileSync(path, JSON.stringify(limits));
  return path;
}

function readReport(folder: string) {
  return parseRunReport(readFileSync(join(folder, "run.json"), "utf8"));
}

test("a run that meets its limits exits with 0 and writes every file", async (context) => {
  const out = join(createTemporaryFolder(), "run");
  const limits = writeLimits({ ttft: { p50: 20_000 }, errors: 0, slo: { ttftMs: 20_000 }, goodputRatio: 1 });
  const args = [
    ...BUNDLED,
    "--concurrency",
    "2",
    "--requests",
    "40",
    "--warmup",
    "4",
    "--limits",
    limits,
    "--out",
    out,
  ];
  const { exitCode, stdout, stderr } = await runCli(["profile", ...args, "--title", "nightly", "--seed", "7"]);

  expect(stderr).toMatch(/^\d+ % {2}warm-up {2}\d of 4 requests/m);
  expect(stderr).toMatch(/^100 % {2}\d+ of 40 requests {2}[\d.,]+\/s {2}TTFT so far [\d.]+ m?s {2}0 errors$/m);
  expect(stderr).not.toContain("\r");
  expect(stdout).toMatch(/^40 requests \(40 ok\), [\d.]+ requests\/s, [\d.,]+ tokens\/s$/m);
  expect(stdout).toContain("p99 needs 662 samples");
  skipIfClientWasLate(context, { exitCode, stdout });
  expect(exitCode, stdout + stderr).toBe(0);
  for (const name of REPORT_FILES) expect(existsSync(join(out, name)), name).toBe(true);
  const report = readReport(out);
  expect(report).toMatchObject({ title: "nightly", status: "pass", completeness: { status: "complete" } });
  expect(report.load).toMatchObject({ counts: { attempted: 40 }, plan: { seed: "7" }, warmup: { attempted: 4 } });
  expect(report.provenance).toMatchObject({
    command: expect.stringMatching(/^inference-testkit profile --stub --stub-config '\{.*\}' --parallel 4 /) as string,
    workerVersion: expect.stringMatching(/^\d/) as string,
    stubConfig: { timing: TIMING },
  });
  expect(report.load).toMatchObject({
    machine: { parallelism: 4 },
    workload: { dialect: "orcd", prompts: { hashedCount: 32 }, maxTokens: { min: 8, median: 8, max: 8 } },
  });
  expect(report.memory?.phases.map(({ name }) => name)).toEqual(["idle", "inference", "idle", "after-stop"]);
  expect(exists(report.worker!.pid!)).toBe(false);
});

test("a missed limit exits with 1", async (context) => {
  const limits = writeLimits({ requestThroughput: 100_000 });
  const { exitCode, stdout } = await runCli([
    "profile",
    ...BUNDLED,
    "--requests",
    "20",
    "--no-memory",
    "--limits",
    limits,
  ]);

  skipIfClientWasLate(context, { exitCode, stdout });
  expect(stdout).toContain("fail  requestThroughput: requestThroughput at least 100000 requests/s: got");
  expect(exitCode).toBe(1);
});

test("failed requests exit with 1 even without a limit", async () => {
  const faults = JSON.stringify({ timing: TIMING, faults: [{ id: "inference-failed", when: { every: 4 } }] });
  const { exitCode, stdout, stderr } = await runCli([
    "profile",
    "--stub",
    "--stub-config",
    faults,
    "--requests",
    "20",
    "--no-memory",
  ]);

  expect(stdout, stderr).toMatch(/^fail {2}errors: errors at most 0 requests: got 5$/m);
  expect(exitCode).toBe(1);
});

test("too few samples for a limit exit with 3", async () => {
  const limits = writeLimits({ ttft: { p99: 20_000 } });
  const { exitCode, stdout } = await runCli([
    "profile",
    ...BUNDLED,
    "--requests",
    "20",
    "--no-memory",
    "--limits",
    limits,
  ]);

  expect(stdout).toContain("not-enough-samples  ttft p99: ");
  expect(exitCode).toBe(3);
});

test("Ctrl-C ends the run, stops the worker and writes a partial, marked result", async () => {
  const out = createTemporaryFolder();
  const slow = JSON.stringify({ timing: { ttftMs: 20, itlMs: 20 } });
  const run = startCli([
    "profile",
    "--stub",
    "--stub-config",
    slow,
    "--duration",
    "60s",
    "--max-tokens",
    "5",
    "--out",
    out,
  ]);
  await waitUntil(() => /^\d+ requests|%\s+[1-9]\d* requests/m.test(run.stderr()) || /10 %/.test(run.stderr()));

  run.kill("SIGINT");
  const { exitCode, stdout, stderr } = await run.finished;

  expect(stderr).toContain("SIGINT: ending the run");
  expect(stdout).toMatch(/^partial result: interrupted by SIGINT/m);
  expect(exitCode).toBe(3);
  const report = readReport(out);
  expect(report.completeness.status).toBe("partial");
  expect(report.status).toBe("invalid");
  expect(report.load!.counts.byStatus.ok).toBeGreaterThan(0);
  expect(exists(report.worker!.pid!)).toBe(false);
  expect(readFileSync(join(out, "summary.md"), "utf8")).toContain("**Partial result:** interrupted by SIGINT");
});

test("Ctrl-C before the worker is ready also prints a document", async () => {
  const run = startCli([
    "profile",
    "--stub",
    "--stub-config",
    '{"startupDelayMs":20000}',
    "--requests",
    "1",
    "--json",
    "--out",
    join(createTemporaryFolder(), "run"),
  ]);
  await waitUntil(() => childrenOf(run.pid).length > 0);

  run.kill("SIGINT");
  const { exitCode, stdout } = await run.finished;

  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    status: "inconclusive",
    completeness: { status: "partial", reason: "interrupted by SIGINT before the worker was ready" },
    files: null,
  });
  expect(exitCode).toBe(3);
});

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
}

test("measures a program given by its command line, and a running one by its address", async (context) => {
  await using worker = await WorkerTestHarness.startMock({ stub: { timing: TIMING } });
  const attached = await runCli(["profile", "--url", worker.baseUrl, "--requests", "12", "--json"]);
  skipIfClientWasLate(context, attached);
  expect(JSON.parse(attached.stdout)).toMatchObject({
    ok: true,
    status: "pass",
    completeness: { status: "complete" },
    files: { "run.json": expect.stringContaining("inference-testkit-reports") as unknown },
  });
  expect(worker.exitInfo).toBeUndefined();

  const program = new URL("../../../worker/bin/worker-orcd.cjs", import.meta.url).pathname;
  const line = `'${process.execPath}' ${program} --stub-mode --port 0 --worker-id {workerId} --stub-config '${JSON.stringify({ timing: TIMING })}'`;
  const launched = await runCli(["profile", "--command", line, "--requests", "12", "--json"]);
  skipIfClientWasLate(context, launched);
  expect(JSON.parse(launched.stdout), launched.stderr).toMatchObject({ ok: true, status: "pass" });
});

test("compares with a baseline: one run is inconclusive, a different plan is not comparable, and five runs pass", async (context) => {
  const folder = createTemporaryFolder();
  const profile = async (name: string, ...more: string[]) =>
    runCli(["profile", ...BUNDLED, "--no-memory", "--tolerance", "100", "--out", join(folder, name), ...more]);
  await profile("base", "--requests", "60");

  const equal = await profile("equal", "--requests", "60", "--baseline", join(folder, "base"));
  skipIfClientWasLate(context, equal);
  expect(equal.exitCode, equal.stdout).toBe(3);
  expect(equal.stdout).toContain("; not judged: it takes 5 runs on each side (have 1 and 1)");
  const other = await profile("other", "--requests", "61", "--baseline", join(folder, "base/run.json"));
  expect(other.exitCode).toBe(3);
  expect(other.stdout).toContain("the number of requests differs");

  const compared = await runCli([
    "compare",
    join(folder, "base"),
    join(folder, "equal/run.json"),
    "--tolerance",
    "100",
  ]);
  expect(compared.stdout).toMatch(/^INCONCLUSIVE {2}.*it takes 5 valid runs on each side to judge a difference: /);
  expect(compared.exitCode).toBe(3);

  const five = createTemporaryFolder();
  for (const name of ["1", "2", "3", "4", "5"]) cpSync(join(folder, "base"), join(five, name), { recursive: true });
  const judged = await runCli(["compare", five, five, "--error-tolerance", "0.01"]);
  expect(judged.stdout).toMatch(/^PASS {2}\d+ figures within what is allowed\n {2}pass: TTFT p50: /);
  expect(judged.exitCode).toBe(0);
  const all = await runCli(["compare", join(folder, "other"), folder, "--json"]);
  expect(JSON.parse(all.stdout)).toMatchObject({ status: "not-comparable", runs: { baseline: 1, current: 3 } });
  expect(all.exitCode).toBe(3);
});

test("compare reads a run of another release, and a metric missing from the baseline is never a pass", async () => {
  const stored = new URL("../report/stored/run-of-another-release.json", import.meta.url).pathname;
  const report = JSON.parse(readFileSync(stored, "utf8")) as {
    load: Record<"latency" | "definitions", Record<string, object>>;
  };
  report.load.latency["itl"] = { ...report.load.latency["ttft"], metric: "itl" };
  report.load.definitions["itl"] = report.load.definitions["ttft"]!;
  const current = join(createTemporaryFolder(), "run.json");
  writeFileSync(current, JSON.stringify(report));
  const { exitCode, stdout } = await runCli(["compare", stored, current]);

  expect(stdout).toMatch(/^NOT COMPARABLE {2}the baseline lacks inter-token latency/);
  expect(stdout).toContain("  not comparable: the baseline lacks inter-token latency\n");
  expect(exitCode).toBe(3);
});

test("an unwritable folder is detected before the run", async () => {
  const file = join(createTemporaryFolder(), "file");
  writeFileSync(file, "");
  const { exitCode, stderr } = await runCli(["profile", ...BUNDLED, "--duration", "1h", "--out", file]);

  expect(stderr).toContain("[REPORT_FAILED]");
  expect(exitCode).toBe(1);
});

test("report rewrites all files", async () => {
  const folder = createTemporaryFolder();
  await runCli(["profile", ...BUNDLED, "--requests", "12", "--out", join(folder, "a")]);
  const { exitCode, stdout } = await runCli(["report", "--from", join(folder, "a"), "--out", join(folder, "b")]);

  expect(exitCode).toBe(0);
  expect(stdout.trim().split("\n")).toEqual(REPORT_FILES.map((name) => join(folder, "b", name)));
  for (const name of REPORT_FILES.filter((file) => file !== "report.html")) {
    expect(readFileSync(join(folder, "b", name), "utf8")).toBe(readFileSync(join(folder, "a", name), "utf8"));
  }
});

test("a folder without runs and a file that is not a report are rejected", async () => {
  const folder = createTemporaryFolder();
  mkdirSync(join(folder, "empty"));
  writeFileSync(join(folder, "other.json"), "{}");

  expect(await runCli(["compare", join(folder, "empty"), folder])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("a folder that contains one") as string,
  });
  expect(await runCli(["report", "--from", join(folder, "other.json"), "--out", folder])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("[REPORT_INVALID]") as string,
  });
  expect(await runCli(["compare", join(folder, "other.json"), join(folder, "other.json")])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("[REPORT_INVALID]") as string,
  });
});

describe("findings of a profile run", () => {
  const worker = new URL("../workers/misbehaves.mjs", import.meta.url).pathname;
  const command = `${process.execPath} ${worker} {port} unhealthy-200`;
  const profile = (...flags: readonly string[]) => {
    const given = ["--dialect", "orcd", "--requests", "12", "--no-memory", "--out", createTemporaryFolder()];
    return runCli(["profile", "--command", command, ...given, ...flags]);
  };

  test("fail it, with a verdict for each code", async () => {
    const { exitCode, stdout } = await profile("--json");
    const { status, verdicts } = JSON.parse(stdout) as { status: string; verdicts: { name: string; status: string }[] };
    expect(verdicts.filter((verdict) => verdict.status !== "pass")).toMatchObject([
      {
        group: "findings",
        name: "UNHEALTHY_WITH_200",
        message: expect.stringContaining("--allow UNHEALTHY_WITH_200") as string,
      },
    ]);
    expect([status, exitCode]).toEqual(["fail", 1]);
  });

  test("do not fail it if --allow names them, and are printed", async () => {
    const { exitCode, stderr } = await profile("--allow", "SIGTERM_IGNORED,UNHEALTHY_WITH_200");
    expect(stderr).toContain("finding UNHEALTHY_WITH_200: /health answered 200 with the status `unhealthy`");
    expect(exitCode).toBe(0);
  });
});

test("a worker that fails at the stop is a failed verdict, and reported once, without a stack", async () => {
  const worker = new URL("../workers/misbehaves.mjs", import.meta.url).pathname;
  const command = `${process.execPath} ${worker} {port} exits-with-3`;
  const flags = ["--dialect", "orcd", "--requests", "3", "--no-memory", "--out", createTemporaryFolder(), "--json"];
  const { exitCode, stdout, stderr } = await runCli(["profile", "--command", command, ...flags]);
  const { verdicts, status } = JSON.parse(stdout) as { verdicts: { name: string; status: string }[]; status: string };
  expect(status).toBe("fail");
  expect(verdicts.filter((verdict) => verdict.status === "fail")).toMatchObject([
    { name: "the worker runs until it is stopped", message: expect.stringContaining("exit code 3") as string },
  ]);
  expect(stderr.match(/ended with exit code 3/g)).toHaveLength(1);
  expect([exitCode, /^ {4}at /m.test(stderr)]).toEqual([1, false]);
});
