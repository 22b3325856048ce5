import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/conformance-matrix.mjs", import.meta.url));

function runMatrix(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: "utf8",
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-matrix-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "verdicts.json");
}

test("a sample of the mutants of the wire is killed in front of the llama engine", () => {
  const llama = ["--engines", "llama", "--dialects", "orcd,openai-completions"];
  const { status, stdout, stderr } = runMatrix("--sample", "2", "--seed", "1", ...llama);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/\(llama\.cpp, orcd\): .* kills it/);
  expect(stdout).toMatch(/2 of \d+ mutants in orcd, openai-completions: 0 problems/);
  expect(status).toBe(0);
});

test("a sample of the mutants is killed by the checks that must kill it", () => {
  const { status, stdout, stderr } = runMatrix(
    "--sample",
    "3",
    "--seed",
    "3",
    "--engines",
    "stub",
    "--dialects",
    "openai-chat",
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(/3 of \d+ mutants in openai-chat: 0 problems/);
  expect(status).toBe(0);
});

test("a mutant that survives is a failure, and so is one that no check can kill", () => {
  const file = temporaryFile();
  const chosen = ["--only", "stop.ignored", "--dialects", "orcd"];
  expect(runMatrix(...chosen, "--save", file).status).toBe(0);
  const verdicts = readFileSync(file, "utf8");
  writeFileSync(file, verdicts.replace('"status": "fail"', '"status": "pass"'));
  const survived = runMatrix(...chosen, "--results", file);
  expect(survived.stderr).toMatch(/^stop\.ignored survives stop\.\S+ \(orcd\): pass/);
  expect(survived.status).toBe(1);
  writeFileSync(file, verdicts.replaceAll('"status": "fail"', '"status": "not-applicable"'));
  expect(runMatrix(...chosen, "--results", file).stderr).toContain("applies in none of orcd");
});

test("a mutant that answers nothing is a failure, because every check kills it", () => {
  const file = temporaryFile();
  const chosen = ["--only", "stop.ignored", "--dialects", "orcd,ollama"];
  const { status, stderr } = runMatrix(...chosen, "--save", file);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"status": "pass"', '"status": "fail"'));
  const broken = runMatrix(...chosen, "--results", file);
  expect(broken.stderr).toMatch(/^stop\.ignored fails ready\.answers-one-token \(orcd\), which it should not/);
  expect(broken.status).toBe(1);
});

test("a proxy in front of a healthy server that answers nothing on one of two is a failure", () => {
  const file = temporaryFile();
  const chosen = ["--only", "stream.splits-an-event", "--engines", "stub", "--dialects", "orcd,ollama"];
  expect(runMatrix(...chosen, "--save", file).status).toBe(0);
  const verdicts = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, Record<string, object>>>;
  verdicts["stream.splits-an-event"]!["ollama"]!["ready.answers-one-token"] = { status: "fail", message: "HTTP 400" };
  writeFileSync(file, JSON.stringify(verdicts));
  const { status, stderr } = runMatrix(...chosen, "--results", file);
  expect(stderr).toContain("fails ready.answers-one-token (ollama), which it should not");
  expect(stderr).toContain("HTTP 400");
  expect(status).toBe(1);
});

test("an unknown mutant is a failure", () => {
  const { status, stderr } = runMatrix("--only", "stop.unknown");
  expect(stderr).toContain("stop.unknown: there is no such mutant");
  expect(status).toBe(1);
});
