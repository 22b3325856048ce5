// Runs the conformance checks on servers with one defect each, and writes docs/conformance-matrix.md. Fails if a mutant survives a check
// that must kill it or answers nothing at all, or if a check has no mutant. Reads the built packages: run `npm run build` before.
// Usage: node scripts/conformance-matrix.mjs [--only <mutants>] [--dialects <names>] [--sample <n>] [--seed <n>] [--save <file>]
//   [--results <file>] [--check]
//   --sample   that many mutants, chosen by the seed; nothing is written
//   --save     also stores the verdicts; --results judges stored ones and runs nothing
//   --check    compares docs/conformance-matrix.md instead of writing it
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WorkerTestHarness } from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { combine, MUTANT_IDS, MUTANTS } from "worker-orcd-control";
import { format } from "prettier";
import { CATALOGUE } from "../packages/testkit/dist/conformance/catalogue.js";
import { runSuite } from "../packages/testkit/dist/conformance/run/run-conformance.js";

const TARGET = fileURLToPath(new URL("../docs/conformance-matrix.md", import.meta.url));
/** Checks that no mutant proves yet, one on a line; the tests of packages/testkit/test/conformance/checks prove most of them. */
const WAITING = new URL("checks-without-mutant.txt", import.meta.url);
const waiting = readFileSync(WAITING, "utf8").trim().split("\n").filter(Boolean);
const SHARED_MEMORY = "/dev/shm";
/** Does what the prompts of the suite ask for, slowly enough to see a stream as one, and to leave a long prompt before its first token. */
const STUB = { content: "instructions", timing: { ttftMs: 4, itlMs: 3, prefillMsPerToken: 0.2 } };
/** Short enough for the checks that fill it. */
const CONTEXT_TOKENS = 4_096;
/** What the stub has, and not every dialect reports. */
const PROFILE = {
  slots: 4,
  determinism: ["repeat", "restart", "slot", "load"],
  limits: { contextTokens: CONTEXT_TOKENS },
};
/** A check that most mutants must pass: a server that answers nothing fails every check, and proves none of them. */
const SANITY = "ready.answers-one-token";
const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    dialects: { type: "string", default: "orcd,openai-chat,ollama" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    save: { type: "string" },
    results: { type: "string" },
    check: { type: "boolean", default: false },
  },
});
const dialects = flags.dialects.split(",");
const chosen = chooseMutants();
const isWhole = chosen.length === MUTANT_IDS.length;

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

function chooseMutants() {
  if (flags.only !== undefined) return flags.only.split(",");
  if (flags.sample === undefined) return MUTANT_IDS;
  const keyOf = (index) => combine(Number(flags.seed), index);
  const order = MUTANT_IDS.map((id, index) => [id, keyOf(index)]).sort(([, a], [, b]) => a - b);
  return order.slice(0, Number(flags.sample)).map(([id]) => id);
}

async function runAll() {
  const found = {};
  for (const id of chosen.filter((name) => Object.hasOwn(MUTANTS, name))) {
    found[id] = {};
    for (const dialect of dialects) {
      found[id][dialect] = await runMutant(id, dialect);
      console.log(`${id} (${dialect}): ${describe(found[id][dialect])}`);
    }
  }
  return found;
}

/** The verdicts of the checks that must kill a mutant. */
async function runMutant(id, dialect) {
  const { making, killedBy } = MUTANTS[id];
  const stub = making.kind === "wire" ? STUB : { ...STUB, mutants: [id] };
  const options = { only: [...new Set([...killedBy, SANITY])], dialect, silenceMs: 3_000, profile: PROFILE };
  if (making.kind !== "wire") return toVerdicts(await runSuite(sourceOf(stub), options));
  const worker = await WorkerTestHarness.startMock({ stub, parallel: PROFILE.slots, contextSize: CONTEXT_TOKENS });
  const proxy = await FaultProxy.inFrontOf(worker, { dialect });
  try {
    proxy.faults.arm(making.faults.map((fault) => ({ ...fault, optional: true })));
    return toVerdicts(await runSuite({ kind: "running", harness: proxy.worker }, options));
  } finally {
    await proxy.stop();
    await worker.stop();
  }
}

/** The stub needs no model: a start with another model file is the same start. */
function sourceOf(stub) {
  return {
    kind: "started",
    command: "worker-orcd --stub-mode",
    changes: ["env", "port", "modelFile"],
    modelFile,
    start: (signal, { env, port, readyTimeoutMs } = {}) =>
      WorkerTestHarness.startMock({
        ...{ stub, parallel: PROFILE.slots, contextSize: CONTEXT_TOKENS },
        ...{ signal, env, port, readyTimeoutMs },
      }),
  };
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

/** Only the checks of the list may be without a mutant, and only as long as they are. */
function findWithoutMutant() {
  const killing = new Set(MUTANT_IDS.flatMap((id) => MUTANTS[id].killedBy));
  const ids = CATALOGUE.map(({ id }) => id);
  const without = ids.filter((id) => !killing.has(id) && !waiting.includes(id));
  const stale = waiting.filter((id) => killing.has(id) || !ids.includes(id));
  return [
    ...without.map((id) => `${id}: no mutant proves that this check can fail`),
    ...stale.map((id) => `${id}: strike it from ${fileURLToPath(WAITING).split("/").pop()}`),
  ];
}

/** A check that does not apply in a dialect cannot kill there, but must do so in another one. */
function findSurvivals(id) {
  return (MUTANTS[id]?.killedBy ?? []).flatMap((check) => {
    const seen = dialects.map((dialect) => [dialect, verdicts[id]?.[dialect]?.[check]]);
    const applied = seen.filter(([, verdict]) => verdict?.status !== "not-applicable");
    if (applied.length === 0) return [`${id}: ${check} applies in none of ${dialects.join(", ")}`];
    return applied
      .filter(([, verdict]) => verdict?.status !== "fail")
      .map(
        ([dialect, verdict]) => `${id} survives ${check} (${dialect}): ${verdict?.status} ${verdict?.message ?? ""}`,
      );
  });
}

/** A mutant that answers nothing in any dialect is killed by every check, whatever its defect is. One dialect alone may show the defect here. */
function findBroken(id) {
  if (dialects.length === 1 || MUTANTS[id]?.killedBy.includes(SANITY)) return [];
  const seen = dialects.map((dialect) => verdicts[id]?.[dialect]?.[SANITY]);
  if (seen.some((verdict) => verdict?.status !== "fail")) return [];
  return [`${id} fails ${SANITY}, which it should not, so its kills prove nothing: ${seen[0].message}`];
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
    const { meaning, killedBy, making, seen } = MUTANTS[id];
    const kills = killedBy.map((check) => `\`${check}\` (${killedIn(id, check).join(", ")})`);
    return [`\`${id}\``, meaning, made[making.kind], kills.join("; "), seen === undefined ? "" : `[seen](${seen})`];
  });
  const checks = CATALOGUE.map(({ id }) => {
    const killed = MUTANT_IDS.filter((mutant) => MUTANTS[mutant].killedBy.includes(id));
    return [`\`${id}\``, killed.map((mutant) => `\`${mutant}\``).join(", ") || "waits for one"];
  });
  return `# Kill matrix

Checks of \`inference-testkit check\` are proved by mutants: servers with one defect. \`npm run conformance:matrix\` runs them, fails if one
survives a check that must kill it, and writes this file. ${CATALOGUE.length} checks, ${MUTANT_IDS.length} mutants, in the dialects ${dialects.join(", ")}.
Checks without a mutant: ${waiting.length}.

To see one, start the stub with it: \`npx inference-testkit check --stub --stub-config '{"mutants": ["stop.leaks-prefix"]}'\`. A mutant that is
made by a proxy is in front of any server instead: \`FaultProxy\` with the faults of its entry.

## Mutants

${table(["mutant", "defect", "made by", "killed by", ""], mutants)}

## Checks

${table(["check", "mutants that it kills"], checks)}
`;
}

function killedIn(id, check) {
  return dialects.filter((dialect) => verdicts[id][dialect][check]?.status === "fail");
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
