import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPORT_FILES } from "../../src/report/write-report.js";
import { sampleReport } from "../report/sample-run.js";
import { readStrictXml } from "../report/strict-xml.js";
import { expectHarmless, expectNoControls } from "../terminal/expect-safe.js";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const ATTACK = "\u001b[2K\r\u001b[32m✓ forged verdict\u001b[0m\n✓ forged verdict\u0007\u009b31m\u202e ]]> <b> | `";
const NO_COLOR = { env: { NO_COLOR: "1" } };

/** A run.json that somebody else wrote, with an attack in the texts that are printed; raw, as our own writer does not write it. */
async function writeHostileRun(
  change: (report: Record<string, never>) => object = (report) => report,
): Promise<string> {
  const load = (await sampleReport({ count: 30, failEvery: 3, messages: [ATTACK], jobId: () => ATTACK })).load!;
  const report = await sampleReport(
    { count: 30, failEvery: 3, messages: [ATTACK], jobId: () => ATTACK },
    {
      title: ATTACK,
      partialReason: ATTACK,
      verdicts: [{ group: ATTACK, name: ATTACK, status: "fail", message: ATTACK, expected: ATTACK, actual: ATTACK }],
    },
  );
  const machine = { ...load.machine, cpu: ATTACK, model: ATTACK, gpu: ATTACK };
  const validity = { status: "invalid", reasons: [{ code: "partial", value: 1, limit: 2, message: ATTACK }] };
  const hostile = { ...report, load: { ...report.load, machine, validity } };
  const path = join(createTemporaryFolder(), "run.json");
  writeFileSync(path, JSON.stringify(change(hostile as unknown as Record<string, never>)));
  return path;
}

test("`report --from` writes files of an untrusted run that are safe to view in a terminal", async () => {
  const out = createTemporaryFolder();
  const { exitCode, stdout, stderr } = await runCli(
    ["report", "--from", await writeHostileRun(), "--out", out],
    NO_COLOR,
  );

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expectNoControls(stdout);
  for (const name of REPORT_FILES.filter((file) => file !== "report.html")) {
    expectHarmless(readFileSync(join(out, name), "utf8").replaceAll("\r\n", "\n"));
  }
  expect(readStrictXml(readFileSync(join(out, "junit.xml"), "utf8")).length).toBeGreaterThan(3);
});

test("`compare` prints the obstacles named by an untrusted run as text", async () => {
  const [baseline, current] = [await writeHostileRun(), await writeHostileRun()];
  const plain = await runCli(["compare", baseline, current], NO_COLOR);
  const json = await runCli(["compare", baseline, current, "--json"], NO_COLOR);

  expect(plain.exitCode).not.toBe(0);
  for (const { stdout, stderr } of [plain, json]) expectHarmless(stdout + stderr);
  expect(JSON.parse(json.stdout)).toMatchObject({ status: "not-comparable" });
});

test.each([
  ["kind", (report: object) => ({ ...report, kind: ATTACK })],
  ["a verdict's status", (report: object) => ({ ...report, status: ATTACK })],
  ["a number", (report: object) => ({ ...report, worker: { pid: ATTACK } })],
])("a run.json in which %s is an attack is rejected with a harmless message", async (_, change) => {
  const { exitCode, stdout, stderr } = await runCli(
    ["report", "--from", await writeHostileRun(change), "--out", createTemporaryFolder(), "--debug"],
    NO_COLOR,
  );

  expect(exitCode).toBe(2);
  expect(stderr).toContain("[REPORT_INVALID]");
  expectNoControls(stdout + stderr);
});

test.each([
  [["report", "--from", `no-such-${ATTACK}`, "--out", "x"]],
  [["profile", "--stub", "--limits", `no-such-${ATTACK}`]],
  [["profile", "--stub", "--stub-config", `{"${ATTACK}`]],
  [["demo", "--engine", ATTACK]],
  [["models", "pull", ATTACK]],
  [["models", "pull", "name", "--url", `http://127.0.0.1:9/${ATTACK}`]],
])("arguments are quoted as text: %j", async (args) => {
  const { exitCode, stdout, stderr } = await runCli(args, NO_COLOR);

  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/forged|download|Bad control character/);
  expectNoControls(stdout + stderr);
});
