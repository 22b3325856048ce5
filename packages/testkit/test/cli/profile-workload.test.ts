import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRunReport } from "../../src/report/index.js";
import { supportFile } from "../../../../tests/support/foreign.js";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const STUB = ["--stub", "--parallel", "4", "--stub-config", '{"timing":{"ttftMs":5,"itlMs":2}}'];
const LEAKY = `${process.execPath} ${supportFile("workers/leaky-worker.mjs")} {port} {workerId}`;

function readReport(folder: string) {
  return parseRunReport(readFileSync(join(folder, "run.json"), "utf8"));
}

test("a sweep prints its steps and its knee, and writes them", async () => {
  const out = createTemporaryFolder();
  const args = ["--sweep", "1,2,4", "--requests", "12", "--warmup", "2", "--max-tokens", "4", "--no-memory"];
  const { stdout, stderr } = await runCli(["profile", ...STUB, ...args, "--out", out]);

  const { load } = readReport(out);
  const { steps, knee } = load!.response!;
  expect(steps.map(({ offered, attempted }) => [offered, attempted])).toEqual([
    [1, 12],
    [2, 12],
    [4, 12],
  ]);
  expect(stderr).toMatch(/^100 % {2}3 of 3: 4 clients {2}12 of 12 requests/m);
  expect(stdout).toMatch(/^Clients {2}Achieved \/s {2}TTFT p50 {3}TTFT p95/m);
  expect(stdout).toMatch(/^ {6}4 +[\d.]+ +[\d.]+ m?s {2}needs 130/m);
  expect(stdout).toContain(`\n${knee.message}\n`);
  expect(readFileSync(join(out, "summary.md"), "utf8")).toContain("**Load response:** ");
  expect(load!.warmup).toMatchObject({ attempted: 6 });
});

test("prompts of a file, lengths and turns are sent, and recorded with the run", async () => {
  const out = createTemporaryFolder();
  const file = join(createTemporaryFolder(), "prompts.jsonl");
  const chat = { messages: ["One", "Two", "Three"].map((content) => ({ role: "user", content })) };
  writeFileSync(file, [{ prompt: "A" }, chat, { conversations: [] }].map((line) => JSON.stringify(line)).join("\n"));
  const workload = ["--prompts", file, "--turns", "2", "--output-tokens", "uniform:2-6", "--prefix-share", "0.5"];
  const { stderr, stdout } = await runCli([
    "profile",
    ...STUB,
    ...workload,
    "--requests",
    "4",
    "--no-memory",
    "--out",
    out,
  ]);

  const { requests, load } = readReport(out);
  expect(stderr).toContain(`1 conversation of ${file} has no message of a user, and is left out`);
  expect(stderr).toContain("2 prompts for 4 requests: each is sent several times");
  expect(stdout).toContain("answers: every answer has the tokens that its request asked for (uniform:2-6, at most ");
  expect(load!.records.map(({ turn }) => turn)).toEqual([undefined, 0, 1, undefined, 0, 1]);
  expect(requests).toMatchObject({
    okCount: 6,
    fullLengthCount: 6,
    workload: {
      prompts: { file, count: 2 },
      promptWords: null,
      outputTokens: "uniform:2-6",
      prefixShare: 0.5,
      turns: 2,
      chatTemplate: "none: the dialect sends prompts as plain text",
    },
  });
});

test("with --memory, a leak of 2 MiB a request is a failed verdict", async () => {
  const { exitCode, stdout } = await runCli([
    "profile",
    "--command",
    `${LEAKY} leak:${2 * 1024 ** 2}`,
    "--memory",
    "--requests",
    "60",
  ]);

  expect(stdout).toMatch(/^fail {2}no leak, by worker-health: 2\.0 MiB a cycle/m);
  expect(exitCode).toBe(1);
});

test("with --memory, a worker that keeps its memory passes", async () => {
  const { stdout } = await runCli(["profile", "--command", `${LEAKY} steady`, "--memory", "--requests", "60"]);

  expect(stdout).toMatch(/^pass {2}.*no leak, by worker-health/m);
  expect(stdout).not.toMatch(/^(fail|inconclusive) {2}no leak/m);
});

test.each([
  [["--memory", "--requests", "39"], "Expected `--memory` together with at least 40 requests, got `--requests 39`"],
  [
    ["--memory", "--sweep", "1,2"],
    "Expected `--memory` together with a load that does not change, got the profile `concurrency-sweep`",
  ],
  [["--output-tokens", "file"], "Expected `--output-tokens file` together with --prompts"],
  [["--sweep", "1,2", "--rate", "3"], "option '--sweep <list>' cannot be used with option '--rate <n>'"],
])("%j is refused before the worker starts", async (args, message) => {
  const { exitCode, stderr } = await runCli(["profile", "--stub", ...args]);

  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});
