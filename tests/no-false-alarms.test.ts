import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/no-false-alarms.mjs", import.meta.url));
const CHECKS = "stream.content-type,length.one-token,stop.prefix-is-withheld";
const STUB = ["--engines", "stub", "--dialects", "orcd", "--only", CHECKS, "--runs", "2"];

function runScript(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: "utf8",
    timeout: 120_000,
  });
  return { status, lines: stdout.trim().split("\n"), stderr };
}

test("two runs on a healthy server are two lines, and no false alarm", { timeout: 150_000 }, () => {
  const { status, lines, stderr } = runScript(...STUB);
  expect(stderr).toBe("");
  expect(lines).toEqual([
    expect.stringMatching(/^stub orcd 1: [\d.]+ s, 3 of 3 ran: 3 pass, 0 fail, 0 error, 0 inconclusive/),
    expect.stringMatching(/^stub orcd 2: [\d.]+ s, 3 of 3 ran: 3 pass, 0 fail, 0 error, 0 inconclusive/),
    "no false alarm",
  ]);
  expect(status).toBe(0);
});

test("a check that fails in both runs is named, and the exit code is 1", { timeout: 150_000 }, () => {
  const { status, lines } = runScript(...STUB, "--mutants", "stop.leaks-prefix");
  const failed = expect.stringMatching(/^ {2}fail stop\.prefix-is-withheld: expected /) as string;
  expect(lines).toEqual([
    expect.stringMatching(/^stub orcd 1: .* 2 pass, 1 fail/),
    failed,
    expect.stringMatching(/^stub orcd 2: .* 2 pass, 1 fail/),
    failed,
    "2 × stub orcd fail stop.prefix-is-withheld",
    "2 runs with a failed check, an error, or no result",
  ]);
  expect(status).toBe(1);
});

test("a server that does not start is a problem, with its reason", { timeout: 150_000 }, () => {
  const { status, lines } = runScript(...STUB, "--mutants", "stop.leaks-prefixes");
  expect(lines[0]).toMatch(/^stub orcd 1: exit code 2 without a report/);
  expect(lines.join("\n")).toContain("did you mean `stop.leaks-prefix`?");
  expect(status).toBe(1);
});

test.each([
  [["--engines", "vllm"], "Expected `--engines` to be stub, synthetic, smollm2, got `vllm`"],
  [["--runs", "0"], "Expected `--runs` to be a whole number from 1 to 9999, got `0`"],
  [["--mutants", "stop.ignored"], "Expected `--mutants` to be used with --engines stub, got `stop.ignored`"],
])("%j is refused with exit code 2", (args, message) => {
  const { status, stderr } = runScript(...args);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
