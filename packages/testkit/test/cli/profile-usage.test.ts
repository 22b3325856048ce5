import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTemporaryFolder, runCli } from "./run-cli.js";

function writeLimits(limits: object): string {
  const path = join(createTemporaryFolder(), "limits.json");
  writeFileSync(path, JSON.stringify(limits));
  return path;
}

test.each([
  [["profile"], "Expected one of --command, --url, --model and --stub"],
  [["profile", "--stub", "--url", "http://127.0.0.1:1"], "cannot be used with"],
  [["profile", "--stub", "--rate", "0"], "Expected `--rate` to be a number from 0.000001 to 1000000, got `0`"],
  [["profile", "--stub", "--rate", "1", "--concurrency", "2"], "cannot be used with"],
  [["profile", "--stub", "--duration", "30"], "Expected `--duration` to be a duration such as 500ms, 30s, 5m or 1h"],
  [
    ["profile", "--stub", "--requests", "1.5"],
    "Expected `--requests` to be a whole number from 1 to 1000000, got `1.5`",
  ],
  [
    ["profile", "--stub", "--requests", "1", "--tolerance", " "],
    "Expected `--tolerance` to be a number from 0 to 1000000",
  ],
  [
    ["profile", "--stub", "--requests", "1", "--tolerance", "Infinity"],
    "Expected `--tolerance` to be a number from 0 to 1000000",
  ],
  [
    ["compare", "/nowhere", "/nowhere", "--tolerance", "NaN"],
    "Expected `--tolerance` to be a number from 0 to 1000000",
  ],
  [
    ["profile", "--stub", "--profile", '{"kind":"ramp","fromPerSec":1,"toPerSec":2}', "--requests", "5"],
    "Expected `stop` to be a `durationMs`",
  ],
  [["profile", "--stub", "--requests", "1", "--profile", "fast"], "Expected `--profile` to be a JSON object, or @"],
  [["profile", "--stub", "--requests", "1", "--profile", '{"kind":"fast"}'], "Expected `--profile.kind` to be one of"],
  [
    ["profile", "--stub", "--requests", "1", "--profile", "@/nowhere.json"],
    "Expected `--profile` to be a readable file",
  ],
  [["profile", "--stub", "--requests", "1", "--limits", "/nowhere.json"], "Expected `--limits` to be a readable file"],
  [["profile", "--stub", "--requests", "1", "--baseline", "/nowhere"], "Expected --baseline to be a readable file"],
  [
    ["profile", "--url", "http://127.0.0.1:1", "--stub-config", "{}", "--requests", "1"],
    "Expected `--stub-config` together with --stub",
  ],
  [
    ["profile", "--stub", "--shutdown-exit-codes", "1", "--requests", "1"],
    "Expected `--shutdown-exit-codes` together with --command",
  ],
  [
    ["profile", "--stub", "--no-check-port-owner", "--requests", "1"],
    "Expected `--no-check-port-owner` together with --command",
  ],
  [
    ["profile", "--command", "x", "--shutdown-exit-codes", "1,256"],
    "Expected `--shutdown-exit-codes` to be a whole number from 0 to 255, got `256`",
  ],
  [["profile", "--command", "'open", "--requests", "1"], "to close its quotes"],
  [["compare", "/nowhere", "/nowhere"], "Expected <baseline> to be a readable file"],
  [["report", "--from", "/nowhere", "--out", "/nowhere"], "Expected --from to be a readable file"],
])("%j is rejected with exit code 2", async (args, reason) => {
  const { exitCode, stderr } = await runCli(args);

  expect(stderr).toContain(reason);
  expect(exitCode, stderr).toBe(2);
});

test.each([
  ["--profile", '{"kind":"constant","ratePerSec":-1}', "Expected `--profile.ratePerSec` to be a positive number"],
  ["--profile", '{"kind":"constant","rate":1}', "got `rate`"],
  ["--stub-config", '{"timing":{"itlMs":-1}}', "In `--stub-config`: "],
  ["--seed", "-1", "Expected `--seed` to be a whole number"],
  ["--warmup", "5 minutes", "Expected `--warmup` to be a number, or a duration such as 500ms"],
  ["--shutdown-exit-codes", "1,x", "Expected `--shutdown-exit-codes` to be a whole number from 0 to 255"],
])("an invalid %s %s is rejected before the model is loaded", async (flag, value, reason) => {
  const { exitCode, stdout, stderr } = await runCli(["profile", "--model", "/nowhere.gguf", flag, value]);

  expect(stderr).toContain(reason);
  expect(stderr).not.toContain("nowhere");
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
});

test("compare rejects an unknown machine fact", async () => {
  const { exitCode, stderr } = await runCli(["compare", "/nowhere", "/nowhere", "--allow", "gpu,colour"]);

  expect(stderr).toContain('Expected `--allow` to be "cpu", "cores"');
  expect(stderr).toContain('got `"colour"`');
  expect(exitCode).toBe(2);
});

test.each([
  [{ tttft: { p50: 5 } }, "did you mean `ttft`?"],
  [{ ttft: null }, "Expected `--limits.ttft`"],
  [{ errors: null }, "Expected `--limits.errors`"],
])("an invalid limits file %j is rejected before the worker is started", async (limits, reason) => {
  const { exitCode, stderr } = await runCli([
    "profile",
    "--command",
    "/nowhere/worker",
    "--requests",
    "1",
    "--limits",
    writeLimits(limits),
  ]);

  expect(stderr).toContain(reason);
  expect(exitCode).toBe(2);
});

test.each<[string, string, string]>([
  ["another kind", '{\n  "kind": "conformance-report"\n}', 'expected `kind` to be "run-report", .* (line 2, column 3)'],
  [
    "a misspelled key",
    '{\n  "kind": "run-report",\n  "schemaVersion": 1,\n  "titel": ""\n}',
    "titel.* (line 4, column 3)",
  ],
  ["a cut file", '{\n  "kind": "run-report",\n', "The report is not JSON: .* (line 3, column 1)"],
])("compare names the file and the line of %s", async (_, text, message) => {
  const path = join(createTemporaryFolder(), "run.json");
  writeFileSync(path, text);
  const { exitCode, stderr } = await runCli(["compare", path, path]);
  expect(stderr).toContain(`${path}: `);
  expect(stderr).toMatch(new RegExp(message.replaceAll("(", "\\(").replaceAll(")", "\\)")));
  expect(exitCode).toBe(2);
});

test.each(["profile", "check"])("`%s` gives the server as long as --ready-timeout says", async (command) => {
  const config = '{"readyAfterMs":60000}';
  const { exitCode, stderr } = await runCli([command, "--stub", "--stub-config", config, "--ready-timeout", "400ms"]);

  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("[READY_TIMEOUT] The worker was not ready after ");
  expect(Number(/waitedMs: (\d+)/.exec(stderr)?.[1])).toBeLessThan(10_000); // the time-out of the stub
});

test("--ready-timeout is refused for a server that is not started here", async () => {
  const { exitCode, stderr } = await runCli(["profile", "--url", "http://127.0.0.1:1", "--ready-timeout", "1s"]);

  expect(exitCode).toBe(2);
  expect(stderr).toContain("Expected `--ready-timeout` together with --command or --model or --stub");
});
