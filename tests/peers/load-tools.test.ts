import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WorkerTestHarness } from "inference-testkit";
import { expect, test } from "vitest";
import { pythonProgram, pythonScript, runProgram, type Peer } from "../support/peers.js";
import { createTemporaryFolder } from "../support/temporary-folder.js";

/** The import of their packages alone takes ten seconds on a busy machine. */
const TIMEOUT_MS = 180_000;
const REQUESTS = 12;
const TOKENS = 16;
const QUESTIONS = Array.from({ length: REQUESTS }, (_, index) => `Tell me about the number ${index}.`);

const guidellm = pythonProgram("guidellm", "python-guidellm");
const aiperf = pythonProgram("aiperf", "python-aiperf");
const tokenizer = pythonScript("make_tokenizer.py", "python-aiperf");

const start = () =>
  WorkerTestHarness.startMock({ parallel: 4, stub: { outputTokens: TOKENS, models: ["stub"], timing: { itlMs: 2 } } });

/** Completed requests and generated tokens, as the worker counted them. */
async function readCounters(worker: WorkerTestHarness): Promise<{ completed: number; others: number; tokens: number }> {
  const text = await (await fetch(`${worker.baseUrl}/metrics`)).text();
  const samples = [...text.matchAll(/^worker_requests_total\{outcome="(\w+)"\} (\d+)$/gm)];
  const sum = (wanted: boolean) =>
    samples.filter(([, outcome]) => (outcome === "completed") === wanted).reduce((all, [, , n]) => all + Number(n), 0);
  const tokens = Number(/^worker_tokens_generated_total (\d+)$/m.exec(text)?.[1]);
  return { completed: sum(true), others: sum(false), tokens };
}

/** Gives back what it printed; its files outside its report land in a folder whose name is short enough for its Unix sockets. */
async function run(program: Peer, args: readonly string[]): Promise<string> {
  const home = await mkdtemp("/tmp/load-");
  try {
    const { exitCode, output } = await runProgram(program, args, { HOME: home, TMPDIR: home, NO_COLOR: "1" });
    expect(exitCode, output.slice(-4_000)).toBe(0);
    return output;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

test("guidellm counts what the worker counts", { timeout: TIMEOUT_MS }, async (context) => {
  if (guidellm.missing !== undefined) context.skip(guidellm.missing);
  await using worker = await start();
  await using folder = await createTemporaryFolder();
  const [data, report] = [join(folder.path, "prompts.txt"), join(folder.path, "report.json")];
  await writeFile(data, `${QUESTIONS.join("\n")}\n`);
  await run(guidellm, [
    ...["benchmark", "run", "--target", worker.baseUrl, "--model", "stub", "--data", data, "--rate-type", "concurrent"],
    ...["--rate", "2", "--max-requests", String(REQUESTS), "--output-path", report],
    ...["--disable-progress", "--disable-console-outputs"],
  ]);
  const { benchmarks } = JSON.parse(await readFile(report, "utf8")) as {
    benchmarks: { request_totals: object; requests: { successful: { output_tokens: number }[] } }[];
  };
  const { jobs } = await worker.journal();
  const whole = jobs.filter(({ entries }) => entries.filter(({ event }) => event === "token").length > 1);

  expect(benchmarks).toHaveLength(1);
  expect(benchmarks[0]?.request_totals).toMatchObject({ successful: REQUESTS, errored: 0, incomplete: 0 });
  expect(benchmarks[0]?.requests.successful.map(({ output_tokens }) => output_tokens)).toEqual(
    Array(REQUESTS).fill(TOKENS),
  );
  // It asks for one token before it measures, in each of its processes.
  expect(whole).toHaveLength(REQUESTS);
  expect(await readCounters(worker)).toMatchObject({ completed: jobs.length, others: 0 });
});

test("aiperf counts what the worker counts", { timeout: TIMEOUT_MS }, async (context) => {
  if (aiperf.missing !== undefined) context.skip(aiperf.missing);
  await using worker = await start();
  await using folder = await createTemporaryFolder();
  const [data, words, artifacts] = ["prompts.jsonl", "tokenizer", "artifacts"].map((name) => join(folder.path, name));
  await writeFile(data!, QUESTIONS.map((text) => `${JSON.stringify({ text })}\n`).join(""));
  await run(tokenizer, [words!]);
  const output = await run(aiperf, [
    ...["profile", "-m", "stub", "--url", worker.baseUrl, "--endpoint-type", "chat", "--streaming"],
    ...["--input-file", data!, "--custom-dataset-type", "single_turn", "--request-count", String(REQUESTS)],
    ...["--concurrency", "2", "--use-server-token-count", "--tokenizer", words!, "--ui", "none"],
    ...["--artifact-dir", artifacts!],
  ]);
  const report = JSON.parse(await readFile(join(artifacts!, "profile_export_aiperf.json"), "utf8")) as object;

  expect(report, output).toMatchObject({
    request_count: { avg: REQUESTS },
    total_output_tokens: { avg: REQUESTS * TOKENS },
    is_complete: true,
  });
  expect(await readCounters(worker)).toEqual({ completed: REQUESTS, others: 0, tokens: REQUESTS * TOKENS });
});
