// Runs the conformance checks on servers with one defect each, and writes docs/conformance-matrix.md. Fails if a mutant survives a check
// that must kill it or answers nothing at all, or if a check has no mutant. Reads the built packages: run `npm run build` before.
// Mutants that a proxy makes run in front of the llama engine as well.
// Usage: node scripts/conformance-matrix.mjs [--only <mutants>] [--engines stub,llama] [--dialects <names>] [--sample <n>] [--seed <n>]
//   [--concurrency <n>] [--save <file>] [--results <file>] [--check]
//   --sample   that many mutants, chosen by the seed; nothing is written
//   --concurrency  that many mutants at a time, 2 by default
//   --save     also stores the verdicts; --results judges stored ones and runs nothing
//   --check    compares docs/conformance-matrix.md instead of writing it
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { combine, MUTANT_IDS, MUTANTS } from "worker-orcd-control";
import { format } from "prettier";
import { CATALOGUE } from "../packages/testkit/dist/conformance/catalogue.js";
import { runSuite } from "../packages/testkit/dist/conformance/run/run-conformance.js";
import { ENGINES, profileOf, serversOf, sourceOf, startFront } from "./matrix-servers.mjs";

const TARGET = fileURLToPath(new URL("../docs/conformance-matrix.md", import.meta.url));
const SHARED_MEMORY = "/dev/shm";
/** A check that most mutants must pass: a server that answers nothing fails every check, and proves none of them. */
const SANITY = "ready.answers-one-token";
const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    engines: { type: "string", default: ENGINES.join(",") },
    dialects: { type: "string", default: "orcd,openai-chat,ollama" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    concurrency: { type: "string", default: "2" },
    save: { type: "string" },
    results: { type: "string" },
    check: { type: "boolean", default: false },
  },
});
const dialects = flags.dialects.split(",");
const engines = flags.engines.split(",");
const concurrency = readConcurrency();
const possible = MUTANT_IDS.filter((id) => serversFor(id).length > 0);
const chosen = chooseMutants();
const isWhole = chosen.length === MUTANT_IDS.length && engines.length === ENGINES.length;

/** Mutants leave files behind: in TMPDIR, which their processes inherit, and in shared memory. */
const scratch = mkdtempSync(join(tmpdir(), "inference-testkit-matrix-"));
process.env.TMPDIR = scratch;
const modelFile = join(scratch, "model.gguf");
writeFileSync(modelFile, "GGUF".repeat(1024));
process.on("exit", removeLeftovers);

const verdicts = flags.results === undefined ? await runAll() : JSON.parse(readFileSync(flags.results, "utf8"));
if (flags.save !== undefined) writeFileSync(flags.save, JSON.stringify(verdicts, null, 1));
const problems = [
  ...findUnknown(),
  ...findWithoutMutant(),
  ...chosen.flatMap(findSurvivals),
  ...chosen.flatMap(findBroken),
];
if (isWhole && problems.length === 0) await writeOrCompare();
for (const problem of problems) console.error(problem);
console.log(`${chosen.length} of ${MUTANT_IDS.length} mutants in ${dialects.join(", ")}: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function readConcurrency() {
  const count = Number(flags.concurrency);
  if (Number.isInteger(count) && count >= 1 && count <= 16) return count;
  console.error(`Expected \`--concurrency\` to be a whole number from 1 to 16, got \`${flags.concurrency}\``);
  process.exit(2);
}

function serversFor(id) {
  return serversOf(id, { engines, dialects });
}

function chooseMutants() {
  if (flags.only !== undefined) return flags.only.split(",");
  if (flags.sample === undefined) return possible;
  const keyOf = (index) => combine(Number(flags.seed), index);
  const order = possible.map((id, index) => [id, keyOf(index)]).sort(([, a], [, b]) => a - b);
  return order.slice(0, Number(flags.sample)).map(([id]) => id);
}

/** Some at a time: most of a run is waiting for a server. Their order does not depend on which ends first. */
async function runAll() {
  const known = chosen.filter((name) => Object.hasOwn(MUTANTS, name));
  const runs = known.flatMap((id) => serversFor(id).map((server) => ({ id, server, found: undefined })));
  const left = runs.values();
  const work = async () => {
    for (const run of left) {
      run.found = await runMutant(run.id, run.server);
      console.log(`${run.id} (${run.server.name}): ${describe(run.found)}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const verdictsOf = (id) => runs.filter((run) => run.id === id).map(({ server, found }) => [server.name, found]);
  return Object.fromEntries(known.map((id) => [id, Object.fromEntries(verdictsOf(id))]));
}

/** The verdicts of the checks that must kill a mutant. */
async function runMutant(id, server) {
  const { making, killedBy } = MUTANTS[id];
  const { dialect } = server;
  const options = { only: [...new Set([...killedBy, SANITY])], dialect, silenceMs: 3_000, profile: profileOf(server) };
  if (making.kind !== "wire") return toVerdicts(await runSuite(sourceOf(id, modelFile), options));
  const { source, stop } = await startFront(id, server);
  try {
    return toVerdicts(await runSuite(source, options));
  } finally {
    await stop();
  }
}

function removeLeftovers() {
  rmSync(scratch, { recursive: true, force: true });
  if (!existsSync(SHARED_MEMORY)) return;
  const left = readdirSync(SHARED_MEMORY).filter((name) => name.startsWith("worker-orcd-mutant-"));
  for (const name of left) rmSync(join(SHARED_MEMORY, name), { force: true });
}

function toVerdicts({ checks }) {
  return Object.fromEntries(checks.map(({ id, status, message }) => [id, { status, message }]));
}

function describe(found) {
  return Object.entries(found)
    .filter(([check, { status }]) => check !== SANITY || status === "fail")
    .map(([check, { status }]) => `${check} ${status === "fail" ? "kills it" : status}`)
    .join(", ");
}

function findUnknown() {
  const unknown = chosen.filter((id) => !Object.hasOwn(MUTANTS, id)).map((id) => `${id}: there is no such mutant`);
  const ids = CATALOGUE.map(({ id }) => id);
  const named = MUTANT_IDS.flatMap((id) => MUTANTS[id].killedBy.map((check) => [id, check]));
  const absent = named.filter(([, check]) => !ids.includes(check));
  return [...unknown, ...absent.map(([id, check]) => `${id}: there is no check ${check}, which must kill it`)];
}

function findWithoutMutant() {
  const killing = new Set(MUTANT_IDS.flatMap((id) => MUTANTS[id].killedBy));
  const without = CATALOGUE.filter(({ id }) => !killing.has(id));
  return without.map(({ id }) => `${id}: no mutant proves that this check can fail`);
}

/** A check that does not apply to a server cannot kill there, but must do so on another one. */
function findSurvivals(id) {
  return (MUTANTS[id]?.killedBy ?? []).flatMap((check) => {
    const seen = serversFor(id).map(({ name }) => [name, verdicts[id]?.[name]?.[check]]);
    const applied = seen.filter(([, verdict]) => verdict?.status !== "not-applicable");
    if (applied.length === 0) return [`${id}: ${check} applies in none of ${seen.map(([name]) => name).join(", ")}`];
    return applied
      .filter(([, verdict]) => verdict?.status !== "fail")
      .map(([name, verdict]) => `${id} survives ${check} (${name}): ${verdict?.status} ${verdict?.message ?? ""}`);
  });
}

/**
 * A mutant that answers nothing is killed by every check, whatever its defect is. A proxy in front of a healthy server has to pass on each
 * server; of the others, one dialect alone may show the defect here.
 */
function findBroken(id) {
  if (MUTANTS[id]?.killedBy.includes(SANITY)) return [];
  const servers = serversFor(id);
  const failed = servers.filter(({ name }) => verdicts[id]?.[name]?.[SANITY]?.status === "fail");
  const isWire = MUTANTS[id]?.making.kind === "wire";
  if (!isWire && (servers.length === 1 || failed.length < servers.length)) return [];
  return failed.slice(0, isWire ? undefined : 1).map(({ name }) => {
    const { message } = verdicts[id][name][SANITY];
    return `${id} fails ${SANITY} (${name}), which it should not, so its kills prove nothing: ${message}`;
  });
}

async function writeOrCompare() {
  const text = await format(createDocument(), { parser: "markdown", printWidth: 140 });
  if (!flags.check) return writeFileSync(TARGET, text);
  if (readFileSync(TARGET, "utf8") === text) return undefined;
  problems.push("docs/conformance-matrix.md is out of date: run `npm run conformance:matrix`");
}

function createDocument() {
  const made = { stub: "stub fault", wire: "proxy", worker: "worker" };
  const mutants = MUTANT_IDS.map((id) => {
    const { meaning, making, seen } = MUTANTS[id];
    return [`\`${id}\``, meaning, made[making.kind], killsOf(id, "stub"), seen === undefined ? "" : `[seen](${seen})`];
  });
  const wire = MUTANT_IDS.filter((id) => MUTANTS[id].making.kind === "wire");
  const inFront = wire.map((id) => [`\`${id}\``, killsOf(id, "llama")]);
  const checks = CATALOGUE.map(({ id }) => {
    const killed = MUTANT_IDS.filter((mutant) => MUTANTS[mutant].killedBy.includes(id));
    return [`\`${id}\``, killed.map((mutant) => `\`${mutant}\``).join(", ")];
  });
  return `# Kill matrix

Checks of \`inference-testkit check\` are proved by mutants: servers with one defect. \`npm run conformance:matrix\` runs them, fails if one
survives a check that must kill it, and writes this file. ${CATALOGUE.length} checks, ${MUTANT_IDS.length} mutants, in the dialects ${dialects.join(", ")}.
Every check has at least one mutant that it kills.

To see one, start the stub with it: \`npx inference-testkit check --stub --stub-config '{"mutants": ["stop.leaks-prefix"]}'\`. A mutant that is
made by a proxy is in front of any server instead: \`FaultProxy\` with the faults of its entry.

## Mutants

${table(["mutant", "defect", "made by", "killed by", ""], mutants)}

## Before the llama engine

The mutants that a proxy makes, in front of worker-orcd with llama.cpp and a model of random weights. A check is left out where it does not
apply: in some dialects, or because the server refuses nothing.

${table(["mutant", "killed by"], inFront)}

## Checks

${table(["check", "mutants that it kills"], checks)}
`;
}

/** The checks that kill a mutant, with the dialects in which they do. */
function killsOf(id, engine) {
  const servers = serversFor(id).filter((server) => server.engine === engine);
  const kills = MUTANTS[id].killedBy.map((check) => {
    const killing = servers.filter(({ name }) => verdicts[id][name][check]?.status === "fail");
    return [check, killing.map(({ dialect }) => dialect)];
  });
  const seen = kills.filter(([, where]) => where.length > 0);
  return seen.map(([check, where]) => `\`${check}\` (${where.join(", ")})`).join("; ");
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
