// The figures of `inference-testkit profile` against those of aiperf: the same paced stub, the same number of requests at the same constant
// rate, one tool after the other. Medians of the time to the first token and of the inter-token latency must agree within 5 %; the CPU
// time is that of the whole command. Skipped where aiperf is missing.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { WorkerTestHarness } from "inference-testkit";
import { report } from "./measure.mjs";

const RATE = 10;
const REQUESTS = 200;
const TOKENS = 32;
const STUB = { models: ["stub"], outputTokens: TOKENS, timing: { ttftMs: 40, itlMs: 10 } };
const AIPERF = resolve("models/python-aiperf/bin/aiperf");
const PYTHON = resolve("models/python-aiperf/bin/python");
const TESTKIT = resolve("packages/testkit/bin/inference-testkit.js");

if (!existsSync(AIPERF)) {
  console.log("skipped  profile against aiperf: `bash scripts/ensure-peers.sh aiperf` installs it");
  process.exit();
}

// aiperf has Unix sockets in its temporary folder, whose path must be short.
const folder = await mkdtemp("/tmp/load-");
const worker = await WorkerTestHarness.startMock({ parallel: 16, stub: STUB });
try {
  const [own, other] = [await runProfile(), await runAiperf()];
  for (const [name, unit] of [
    ["ttft", "time to the first token"],
    ["itl", "inter-token latency"],
  ]) {
    report({
      what: `${unit} of profile against aiperf, median: difference`,
      value: 100 * Math.abs(own[name] / other[name] - 1),
      unit: "%",
      goal: "≤ 5",
      detail: `${own[name].toFixed(2)} against ${other[name].toFixed(2)} ms, ${REQUESTS} requests at ${RATE}/s`,
    });
  }
  report({
    what: "CPU time of profile against aiperf, for each request",
    value: own.cpuMs / other.cpuMs,
    detail: `${(own.cpuMs / REQUESTS).toFixed(1)} against ${(other.cpuMs / REQUESTS).toFixed(1)} ms, start of the program included`,
  });
} finally {
  await worker.stop();
  await rm(folder, { recursive: true, force: true });
}

async function runProfile() {
  const out = join(folder, "run");
  const flags = [
    "profile",
    "--url",
    worker.baseUrl,
    "--dialect",
    "openai-chat",
    "--rate",
    RATE,
    "--requests",
    REQUESTS,
  ];
  const cpuMs = await run([process.execPath, TESTKIT, ...flags, "--max-tokens", TOKENS, "--out", out]);
  const { load } = JSON.parse(await readFile(join(out, "run.json"), "utf8"));
  const { ttft, itl } = load.latency;
  return { ttft: ttft.percentiles.p50, itl: itl.percentiles.p50, cpuMs };
}

async function runAiperf() {
  const [prompts, tokenizer, out] = ["prompts.jsonl", "tokenizer", "aiperf"].map((name) => join(folder, name));
  const texts = Array.from(
    { length: REQUESTS },
    (_, index) => `${JSON.stringify({ text: `Story ${index}. Tell it.` })}\n`,
  );
  await writeFile(prompts, texts.join(""));
  await mkdir(tokenizer);
  await run([PYTHON, resolve("tests/peers/make_tokenizer.py"), tokenizer]);
  const cpuMs = await run([
    ...[AIPERF, "profile", "-m", "stub", "--url", worker.baseUrl, "--endpoint-type", "chat", "--streaming"],
    ...["--input-file", prompts, "--custom-dataset-type", "single_turn", "--request-count", REQUESTS],
    ...["--request-rate", RATE, "--arrival-pattern", "constant", "--use-server-token-count"],
    ...["--tokenizer", tokenizer, "--ui", "none", "--artifact-dir", out],
  ]);
  const figures = JSON.parse(await readFile(join(out, "profile_export_aiperf.json"), "utf8"));
  return { ttft: figures.time_to_first_token.p50, itl: figures.inter_token_latency.p50, cpuMs };
}

/** Runs a command; returns the CPU time of it and all its children, in ms, which the shell knows. */
async function run(command) {
  const env = { ...process.env, HOME: folder, TMPDIR: folder, NO_COLOR: "1" };
  const script = '"$@" >&2 && times';
  const { stdout } = await promisify(execFile)("bash", ["-c", script, "bash", ...command.map(String)], {
    ...{ env, timeout: 300_000, maxBuffer: 64 * 1024 * 1024 },
  });
  const [, , ...children] = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].map(([, min, s]) => 60_000 * min + 1_000 * s);
  return children.reduce((sum, ms) => sum + ms, 0);
}
