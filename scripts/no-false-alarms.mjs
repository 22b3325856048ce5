// `node scripts/no-false-alarms.mjs`: runs `inference-testkit check` again and again on healthy servers, and prints a line for each run.
// A check that fails there is a false alarm. Ends with 1 if a check failed or had an error, or if a run proves nothing.
// Reads the built packages: run `npm run build` before.
// Usage: node scripts/no-false-alarms.mjs [--engines stub,synthetic,smollm2] [--dialects <names>] [--runs <n>] [--level <level>]
//   [--only <checks>] [--minutes <n>] [--save <folder>] [--mutants <names>]
//   --minutes  starts no further run after this time
//   --save     keeps the reports of runs with an open check, to look at
//   --mutants  gives the stub these defects, to see that they are reported
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync, existsSync, mkdirSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TestModel } from "inference-testkit";

const PROGRAM = fileURLToPath(new URL("../packages/testkit/bin/inference-testkit.js", import.meta.url));
const WORKER = fileURLToPath(new URL("../packages/worker/bin/worker-orcd.cjs", import.meta.url));
/** Everything that the worker speaks. */
const DIALECTS = "orcd,openai-chat,openai-completions,openai-responses,anthropic,ollama";
/** Verdicts that a healthy server must not get. */
const OPEN = ["fail", "error", "inconclusive"];
const LEVELS = ["smoke", "standard", "full"];
const MOST_RUN_MS = 15 * 60_000;
/** Twelve layers: a token takes long enough to be seen as one of a stream. */
const SYNTHETIC = { layerCount: 12 };
/** The synthetic model has no chat template. */
const WITHOUT_CHAT = ["orcd", "openai-completions"];
const ENGINES = {
  stub: () => ({
    args: ["--stub", ...stubConfig()],
    profile: { slots: 4, determinism: ["repeat", "restart", "slot", "load"] },
  }),
  synthetic: async () => llama(await TestModel.synthetic(SYNTHETIC), 4096),
  smollm2: () => llama(TestModel.smolLm2().requireExists(), 4096),
};

const flags = readFlags();
const scratch = mkdtempSync(join(tmpdir(), "inference-testkit-no-false-alarms-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
const endAtMs = performance.now() + flags.minutes * 60_000;
const tally = new Map();
let problemCount = 0;
let running;
/** A run that is ended takes its server along. */
for (const name of ["SIGINT", "SIGTERM"])
  process.once(name, () => {
    running?.once("close", () => process.exit(1)).kill("SIGINT");
    if (running === undefined) process.exit(1);
  });

for (const engine of flags.engines)
  for (const dialect of flags.dialects)
    if (engine === "synthetic" && !WITHOUT_CHAT.includes(dialect)) console.log(`synthetic ${dialect}: cannot chat`);
    else await repeat(engine, dialect);
for (const [what, count] of tally) console.log(`${count} × ${what}`);
console.log(problemCount === 0 ? "no false alarm" : `${problemCount} runs with a failed check, an error, or no result`);
process.exitCode = problemCount === 0 ? 0 : 1;

function stubConfig() {
  if (flags.mutants === undefined) return [];
  return ["--stub-config", JSON.stringify({ mutants: flags.mutants.split(",") })];
}

function llama({ path }, contextTokens) {
  const options = `--gpu-device -1 --threads 1 --parallel 2 --context-size ${contextTokens} --log-level error --port {port}`;
  const command = `"${process.execPath}" "${WORKER}" --model "${path}" ${options}`;
  return { args: ["--command", command], profile: { slots: 2, limits: { contextTokens } } };
}

async function repeat(engine, dialect) {
  const { args, profile } = await ENGINES[engine]();
  const declared = join(scratch, `${engine}.json`);
  writeFileSync(declared, JSON.stringify(profile));
  const own = ["--dialect", dialect, "--level", flags.level, "--declare", declared];
  const only = flags.only === undefined ? [] : ["--only", flags.only];
  for (let run = 1; run <= flags.runs; run += 1) {
    if (performance.now() >= endAtMs) return console.log(`${engine} ${dialect}: time is up before run ${run}`);
    await runOnce(`${engine} ${dialect} ${run}`, [...args, ...own, ...only, "--seed", String(run)]);
  }
}

async function runOnce(name, args) {
  const folder = join(scratch, name.replaceAll(" ", "-"));
  const startedAtMs = performance.now();
  const { code, output } = await check([...args, "--out", folder]);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  const report = readReport(folder);
  if (report === undefined) {
    problemCount += 1;
    return console.log(`${name}: exit code ${code} without a report after ${seconds} s: ${output.trim().slice(-400)}`);
  }
  const { coverage, checks, restarts } = report;
  const open = checks.filter(({ status }) => OPEN.includes(status));
  if (code !== 0 || coverage.byStatus.error > 0 || restarts.length > 0) problemCount += 1;
  console.log(`${name}: ${seconds} s, ${describeCounts(coverage)}${restarts.length > 0 ? ", restarted" : ""}`);
  for (const { id, status, message } of open) {
    console.log(`  ${status} ${id}: ${message.slice(0, 600)}`);
    const what = `${name.replace(/ \d+$/, "")} ${status} ${id}`;
    tally.set(what, (tally.get(what) ?? 0) + 1);
  }
  keep(folder, open.length > 0);
}

function describeCounts({ selected, ran, byStatus }) {
  const counts = [...OPEN, "not-applicable"].map((status) => `${byStatus[status]} ${status}`).join(", ");
  return `${ran} of ${selected} ran: ${byStatus.pass} pass, ${counts}`;
}

/** The program ends with its servers: it is asked first, and it is killed only if it does not end by itself. */
async function check(args) {
  const child = spawn(process.execPath, [PROGRAM, "check", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running = child;
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-20_000)));
  const timers = [
    setTimeout(() => child.kill("SIGINT"), MOST_RUN_MS),
    setTimeout(() => child.kill("SIGKILL"), MOST_RUN_MS + 60_000),
  ];
  const [code] = await once(child, "close");
  for (const timer of timers) clearTimeout(timer);
  running = undefined;
  return { code, output };
}

function readReport(folder) {
  const file = join(folder, "conformance.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

function keep(folder, isWanted) {
  if (!isWanted || flags.save === undefined) return rmSync(folder, { recursive: true, force: true });
  mkdirSync(flags.save, { recursive: true });
  const target = join(flags.save, folder.split("/").at(-1));
  rmSync(target, { recursive: true, force: true });
  renameSync(folder, target);
}

function readFlags() {
  const { values } = parseArgs({
    options: {
      engines: { type: "string", default: "stub,synthetic,smollm2" },
      dialects: { type: "string", default: DIALECTS },
      runs: { type: "string", default: "10" },
      level: { type: "string", default: "full" },
      only: { type: "string" },
      minutes: { type: "string", default: "240" },
      save: { type: "string" },
      mutants: { type: "string" },
    },
  });
  const engines = values.engines.split(",");
  for (const engine of engines)
    refuseUnless(Object.hasOwn(ENGINES, engine), "--engines", engine, "stub, synthetic, smollm2");
  const dialects = values.dialects.split(",");
  for (const dialect of dialects) refuseUnless(DIALECTS.split(",").includes(dialect), "--dialects", dialect, DIALECTS);
  refuseUnless(LEVELS.includes(values.level), "--level", values.level, LEVELS.join(", "));
  const takesMutants = engines.every((engine) => engine === "stub");
  refuseUnless(values.mutants === undefined || takesMutants, "--mutants", values.mutants, "used with --engines stub");
  return {
    ...values,
    engines,
    dialects,
    runs: count("--runs", values.runs),
    minutes: count("--minutes", values.minutes),
  };
}

function count(name, text) {
  refuseUnless(/^[1-9]\d{0,3}$/.test(text), name, text, "a whole number from 1 to 9999");
  return Number(text);
}

function refuseUnless(condition, name, value, wanted) {
  if (condition) return;
  console.error(`Expected \`${name}\` to be ${wanted}, got \`${value}\``);
  process.exit(2);
}
