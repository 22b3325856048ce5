import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { CATALOGUE } from "../../src/conformance/catalogue.js";
import { parseConformanceReport } from "../../src/conformance/report/parse-report.js";
import { findFreePort } from "../../src/launch/index.js";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const SMOKE = ["check", "--stub", "--level", "smoke"];

test("the stub passes, a line for each check, coverage and status at the end", async () => {
  const { exitCode, stdout, stderr } = await runCli([...SMOKE, "--only", "length,ready.*"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^✓ ready\.answers-one-token {2}.* ms$/m);
  expect(stdout).toMatch(/^– ready\.lists-the-model-that-answers .*\n {4}not-applicable: needs `models`: /m);
  expect(stdout).toMatch(
    /^\d+ of \d+ checks ran: \d+ passed, 0 failed, [1-9]\d* not applicable \(level smoke, seed 1\)$/m,
  );
  expect(stdout).toMatch(/^status: pass: no check failed$/m);
});

test("a failure has exit code 1, with expected, got and how to repeat it", async () => {
  const config = '{"faults":[{"id":"never-stops"}]}';
  const { exitCode, stdout } = await runCli([
    ...SMOKE,
    "--only",
    "length.max-tokens-is-exact",
    "--stub-config",
    config,
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /^✗ length\.max-tokens-is-exact .*\n {4}expected: .*\n {4}got: {6}.*\n {4}again: {4}curl -iN .*$/m,
  );
});

test("the report is written, and compared with a baseline", async () => {
  const folder = createTemporaryFolder();
  const only = ["--only", "ready.answers-one-token,stop.ends-before-the-sequence"];
  const first = await runCli(["check", "--stub", ...only, "--out", join(folder, "a")]);
  expect(first.exitCode).toBe(0);
  const config = '{"faults":[{"id":"ignores-stop"}]}';
  const second = await runCli([
    "check",
    "--stub",
    ...only,
    "--stub-config",
    config,
    "--baseline",
    join(folder, "a"),
    "--out",
    join(folder, "b"),
  ]);
  expect(second.exitCode).toBe(1);
  expect(second.stdout).toMatch(
    /^worse: stop\.ends-before-the-sequence: pass, now fail\n {4}expected: .*\n {4}got: {6}.*$/m,
  );
  const report = parseConformanceReport(readFileSync(join(folder, "b", "conformance.json"), "utf8"));
  expect(report.comparison?.worse).toHaveLength(1);
  expect(report.server.command).toBe("worker-orcd --stub-mode");
  expect(readFileSync(join(folder, "b", "junit.xml"), "utf8")).toContain("<failure");
  expect(readFileSync(join(folder, "b", "summary.md"), "utf8")).toContain("❌ fail");
  expect(second.stdout).toContain(`page: ${join(folder, "b", "conformance.html")}`);
  expect(readFileSync(join(folder, "b", "conformance.html"), "utf8")).toContain('"worse":[{"id":"stop.ends-before');
});

test("--json prints one document", async () => {
  const { exitCode, stdout } = await runCli([...SMOKE, "--only", "ready.answers-one-token", "--json"]);
  expect(exitCode).toBe(0);
  expect(parseConformanceReport(stdout)).toMatchObject({ status: "pass", coverage: { ran: 1 } });
});

test("--list prints the catalogue and needs no server", async () => {
  const { exitCode, stdout } = await runCli(["check", "--list", "--level", "full"]);
  expect(exitCode).toBe(0);
  for (const { id, title } of CATALOGUE) {
    expect(stdout).toContain(`  ${id}  `);
    expect(stdout).toContain(`    ${title}\n`);
  }
  const json = await runCli(["check", "--list", "--only", "stop", "--json"]);
  expect((JSON.parse(json.stdout) as { id: string }[]).every(({ id }) => id.startsWith("stop."))).toBe(true);
});

describe("a run that proves nothing has exit code 3", () => {
  test("nothing listens: at once, with what was tried", async () => {
    using free = await findFreePort();
    const url = `http://127.0.0.1:${free.port}`;
    const { exitCode, stderr } = await runCli(["check", "--url", url, "--dialect", "openai-chat"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`GET ${url}/health failed: connection refused`);
  });

  test("a server that speaks nothing known: the probes and their answers", async () => {
    const server = createServer((_, response) => void response.writeHead(418).end("teapot"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { exitCode, stderr } = await runCli([
      "check",
      "--url",
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/\/v1\/models.*418/);
  });

  test("a command that does not start", async () => {
    const { exitCode, stderr } = await runCli(["check", "--command", "no-such-program --port {port}"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("SPAWN_FAILED");
  });

  test("everything skipped", async () => {
    const { exitCode, stdout } = await runCli([
      ...SMOKE,
      "--only",
      "length.one-token",
      "--skip",
      "length.one-token=flaky network",
    ]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain("skipped: flaky network");
  });
});

describe("bad input has exit code 2 before anything is started", () => {
  const folder = (): string => createTemporaryFolder();

  test.each<[string, string[], string]>([
    ["no server", ["check"], "Expected one of --url, --command and --stub"],
    [
      "an unknown check",
      [...SMOKE, "--only", "stop.ends-before-the-sequences"],
      "did you mean `stop.ends-before-the-sequence`?",
    ],
    ["an unknown area", [...SMOKE, "--only", "lengths"], "did you mean `length`?"],
    [
      "a skip without a reason",
      [...SMOKE, "--skip", "length.one-token"],
      "Expected `--skip` to be the id of a check, =, and the reason",
    ],
    ["a skip of an unknown check", [...SMOKE, "--skip", "length.one-tokn=x"], "did you mean `length.one-token`?"],
    ["a declaration with an unknown key", [...SMOKE, "--declare", "profile.json"], "got `slot`; did you mean `slots`?"],
    [
      "a baseline that is not a report",
      [...SMOKE, "--baseline", "profile.json"],
      "Expected --baseline to be a report of `check`",
    ],
    ["a baseline of another version", [...SMOKE, "--baseline", "newer.json"], "schemaVersion 2, this release reads 1"],
    [
      "a baseline that is not there",
      [...SMOKE, "--baseline", "none.json"],
      "Expected --baseline to be a readable file",
    ],
    ["a declaration with an unknown key: its line", [...SMOKE, "--declare", "limits.json"], "(line 4, column 5 of "],
    [
      "a declaration with a deviation of an unknown check: its line",
      [...SMOKE, "--declare", "deviations.json"],
      "got `length.one-tokn`; did you mean `length.one-token`? (line 3, column 19 of ",
    ],
    ["a declaration that is not JSON: its line", [...SMOKE, "--declare", "broken.json"], "(line 3, column 1 of "],
    [
      "a baseline of another version: its line",
      [...SMOKE, "--baseline", "newer.json"],
      "newer.json: This is not a conformance report that can be read: it has schemaVersion 2, this release reads 1 (line 1, column 30)",
    ],
    [
      "a baseline with a misspelled key: its line",
      [...SMOKE, "--baseline", "misspelled.json"],
      "`kind` is missing; there is `knd` instead (line 2, column 3)",
    ],
  ])("%s", async (_, args, message) => {
    const where = folder();
    writeFileSync(join(where, "limits.json"), '{\n  "slots": 4,\n  "limits": {\n    "maxToken": 4\n  }\n}');
    writeFileSync(
      join(where, "deviations.json"),
      '{\n  "slots": 4,\n  "deviations": { "length.one-tokn": { "reason": "x" } }\n}',
    );
    writeFileSync(join(where, "broken.json"), '{\n  "slots": 4,\n}');
    writeFileSync(join(where, "misspelled.json"), '{\n  "knd": "conformance-report"\n}');
    writeFileSync(join(where, "profile.json"), '{"slot": 1}');
    writeFileSync(join(where, "newer.json"), '{"kind":"conformance-report","schemaVersion":2}');
    const given = args.map((arg) => (arg.endsWith(".json") ? join(where, arg) : arg));
    const { exitCode, stderr } = await runCli(given);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });
});
