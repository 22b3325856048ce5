import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { chooseBounds } from "../../src/cli/runs/default-run.js";
import type { ProfileFlags } from "../../src/cli/runs/flags.js";
import { WorkerTestHarness } from "../../src/harness/index.js";
import { parseRunReport } from "../../src/report/index.js";
import { REPORT_FILES } from "../../src/report/write-report.js";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const PARENT = "inference-testkit-reports";

test("--url alone: finds out what the server speaks, ends by itself, and writes a report to a fresh folder", async () => {
  const cwd = createTemporaryFolder();
  await using worker = await WorkerTestHarness.startMock();

  const { stdout, stderr } = await runCli(["profile", "--url", worker.baseUrl], { cwd });

  expect(stderr).toContain("dialect: orcd (`/health` reports a `worker_id`)");
  expect(stderr).toContain("sending for up to 30 s, at most 150 requests, after 1 warm-up request; change it with");
  const [, path = ""] = /^report: (.*)$/m.exec(stdout) ?? [];
  expect(path, stdout + stderr).toMatch(
    new RegExp(`/${PARENT}/\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ/report.html$`),
  );
  for (const name of REPORT_FILES) expect(existsSync(join(dirname(path), name)), name).toBe(true);
  const { load, requests } = parseRunReport(readFileSync(join(dirname(path), "run.json"), "utf8"));
  expect(load?.plan).toMatchObject({ stop: { count: 150, durationMs: 30_000 }, warmup: { count: 1 } });
  expect(load?.counts.attempted).toBeLessThanOrEqual(150);
  expect(requests).toMatchObject({ dialect: "orcd", maxTokens: 32, okCount: load?.counts.attempted });
});

test("runs that begin at the same time get folders of their own", async () => {
  const cwd = createTemporaryFolder();
  const run = () => runCli(["profile", "--stub", "--no-memory", "--requests", "2"], { cwd });

  const runs = await Promise.all([run(), run(), run(), run()]);

  const paths = runs.map(({ stdout }) => /^report: (.*)$/m.exec(stdout)?.[1]);
  expect(new Set(paths).size).toBe(4);
  expect(readdirSync(join(cwd, PARENT))).toHaveLength(4);
});

test("a run that did not begin leaves no folder", async () => {
  const cwd = createTemporaryFolder();
  const { exitCode } = await runCli(["profile", "--url", "http://127.0.0.1:9"], { cwd });

  expect(exitCode).not.toBe(0);
  expect(readdirSync(cwd)).toEqual([]);
});

test("a folder that cannot be created is an error that names --out, before anything is started", async () => {
  const cwd = createTemporaryFolder();
  writeFileSync(join(cwd, PARENT), "a file");
  const { exitCode, stderr } = await runCli(["profile", "--command", "/nowhere/worker --port {port}"], { cwd });

  expect(stderr).toContain(`No folder for the report could be created in ${PARENT}`);
  expect(stderr).toContain("--out <folder>");
  expect(exitCode).toBe(1);
});

test("--out with an earlier report in it says that the report is replaced", async () => {
  const out = createTemporaryFolder();
  const args = ["profile", "--stub", "--no-memory", "--requests", "1", "--out", out];

  const first = await runCli(args);
  const second = await runCli(args);

  expect(first.stderr).not.toContain("replacing");
  expect(second.stderr).toContain(`replacing the earlier report in ${out}`);
});

test("the earlier report of --out is kept by a run that fails to start", async () => {
  const out = createTemporaryFolder();
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "run.json"), "earlier");
  await runCli(["profile", "--url", "http://127.0.0.1:9", "--out", out]);

  expect(readFileSync(join(out, "run.json"), "utf8")).toBe("earlier");
});

test.each<[string, Partial<ProfileFlags>, object]>([
  ["a number of requests has no other bound", { requests: 7 }, { stop: { count: 7, durationMs: undefined } }],
  ["a duration has no other bound", { duration: 9 }, { stop: { count: undefined, durationMs: 9 } }],
  ["a warm-up that was given stays", { warmup: { count: 5 } }, { warmup: { count: 5 } }],
])("%s", (_, flags, bounds) => {
  expect(chooseBounds(flags as ProfileFlags, { kind: "serial" })).toMatchObject(bounds);
});

test("a profile that ends by itself gets no bounds", () => {
  const profile = { kind: "stages", stages: [] } as never;

  expect(chooseBounds({} as ProfileFlags, profile)).toEqual({
    stop: { count: undefined, durationMs: undefined },
    warmup: undefined,
  });
});
