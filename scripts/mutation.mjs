// `npm run mutation -- packages/testkit/src/events […]`: breaks every statement of the files under a folder, one at a time,
// runs the tests beside them, and prints the mutants that no test noticed and a table. Exits 1 if a file is below the goal.
// A second run repeats only what changed. `docs/mutation.md` keeps the last row of each file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const GOAL_PERCENT = 90;
const CACHE = ".cache/mutation";
const TABLE = "docs/mutation.md";
const USAGE = "usage: npm run mutation -- <folder or file under packages/*/src> […]";

const targets = process.argv.slice(2).map((target) => target.replace(/\/$/, ""));
const wrong = targets.find((target) => !/^packages\/[^/]+\/src\/./.test(target) || !existsSync(target));
if (targets.length === 0 || wrong !== undefined) {
  console.error(wrong === undefined ? USAGE : `\`${wrong}\` is not a folder or file under packages/*/src\n${USAGE}`);
  process.exit(2);
}
process.exitCode = await main();

async function main() {
  mkdirSync(CACHE, { recursive: true });
  const reportFile = join(CACHE, "report.json");
  const configFile = join(CACHE, "stryker.config.json");
  writeFileSync(configFile, JSON.stringify(config(reportFile), undefined, 2));
  const code = await run(configFile);
  if (code !== 0) return code;
  const files = readFiles(reportFile);
  for (const { file, source, mutants } of files) printMissed(file, source, mutants);
  const scores = files.map(({ file, mutants }) => toScore(file, mutants)).filter(({ all }) => all > 0);
  console.log(toTable(scores));
  keep(scores);
  return scores.some(({ percent }) => percent < GOAL_PERCENT) ? 1 : 0;
}

function config(reportFile) {
  return {
    packageManager: "npm",
    testRunner: "vitest",
    vitest: { configFile: "scripts/vitest.mutation.config.ts", related: false },
    mutate: targets.map((target) => (isFile(target) ? target : `${target}/**/*.ts`)),
    ignorePatterns: ["models", "bench", "*.tgz"],
    coverageAnalysis: "perTest",
    ignoreStatic: true,
    concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
    tempDirName: join(CACHE, "sandbox"),
    incremental: true,
    incrementalFile: join(CACHE, `${[...new Set(targets.map(folderOf))].sort().join("+").replaceAll("/", "-")}.json`),
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: reportFile },
    timeoutMS: 10_000,
    logLevel: "warn",
    disableTypeChecks: true,
  };
}

function isFile(target) {
  return target.endsWith(".ts");
}

function folderOf(target) {
  return isFile(target) ? dirname(target) : target;
}

async function run(configFile) {
  const stryker = join(
    dirname(createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json")),
    "bin/stryker.js",
  );
  const env = { ...process.env, MUTATION_FOLDERS: targets.map(folderOf).join(",") };
  const child = spawn(process.execPath, [stryker, "run", configFile], { stdio: "inherit", env });
  const [code] = await once(child, "close");
  return code ?? 1;
}

/** The report also has the files of earlier runs in the same folder. */
function readFiles(reportFile) {
  const { files } = JSON.parse(readFileSync(reportFile, "utf8"));
  return Object.entries(files)
    .map(([file, { source, mutants }]) => ({ file, source, mutants }))
    .filter(({ file }) => targets.some((target) => file === target || file.startsWith(`${target}/`)))
    .sort((one, other) => (one.file < other.file ? -1 : 1));
}

/** One line for each mutant that no test noticed: `+` is what the code was replaced with. */
function printMissed(file, source, mutants) {
  const lines = source.split("\n");
  for (const { status, location, replacement } of mutants.filter(isMissed)) {
    const { start, end } = location;
    const old = start.line === end.line ? lines[start.line - 1].slice(start.column - 1, end.column - 1) : "…";
    const reached = status === "NoCoverage" ? " (no test reaches it)" : "";
    console.log(
      `${file}:${start.line}:${start.column}${reached}\n  - ${old}\n  + ${replacement.replaceAll(/\s+/g, " ")}`,
    );
  }
}

function isMissed({ status }) {
  return status === "Survived" || status === "NoCoverage";
}

/** A mutant counts as noticed when a test fails or runs out of time; one that no test reaches counts as missed. */
function toScore(file, mutants) {
  const noticed = mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length;
  const all = noticed + mutants.filter(isMissed).length;
  return { file, noticed, all, percent: all === 0 ? 100 : (100 * noticed) / all };
}

function toTable(scores) {
  const rows = scores.map(
    ({ file, noticed, all, percent }) => `| \`${file}\` | ${all} | ${noticed} | ${percent.toFixed(1)} |`,
  );
  return ["| file | mutants | noticed | percent |", "|---|---:|---:|---:|", ...rows].join("\n");
}

/** Replaces the rows of the files that were just measured, and keeps all others. */
function keep(scores) {
  const text = readFileSync(TABLE, "utf8");
  const rows = new Map([...text.matchAll(/^\| `([^`]+)` \|.*$/gm)].map(([row, file]) => [file, row]));
  for (const row of toTable(scores).split("\n").slice(2)) rows.set(/`([^`]+)`/.exec(row)[1], row);
  const gone = [...rows.keys()].filter((file) => !existsSync(file));
  for (const file of gone) rows.delete(file);
  const sorted = [...rows.keys()].sort().map((file) => rows.get(file));
  const head = text.slice(0, text.indexOf("| file |"));
  writeFileSync(TABLE, `${head}${[...toTable([]).split("\n"), ...sorted].join("\n")}\n`);
}
