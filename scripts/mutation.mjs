// `npm run mutation -- packages/testkit/src/events […]`: breaks every statement of the files under a folder, one at a time,
// runs the tests beside them, and prints a table of the share that some test noticed. Exits 1 below the goal.
// `docs/mutation.md` keeps the last table of each folder.
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
  const scores = readScores(reportFile);
  console.log(toTable(scores));
  keep(scores);
  return scores.some(({ percent }) => percent < GOAL_PERCENT) ? 1 : 0;
}

function config(reportFile) {
  return {
    packageManager: "npm",
    testRunner: "vitest",
    vitest: { configFile: "scripts/vitest.mutation.config.ts", related: false },
    mutate: targets.map((target) => (target.endsWith(".ts") ? target : `${target}/**/*.ts`)),
    ignorePatterns: ["models", "bench", "docs", "*.tgz"],
    coverageAnalysis: "perTest",
    ignoreStatic: true,
    concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
    tempDirName: join(CACHE, "sandbox"),
    reporters: ["clear-text", "json"],
    clearTextReporter: { reportTests: false, logTests: false, allowColor: false },
    jsonReporter: { fileName: reportFile },
    timeoutMS: 10_000,
    disableTypeChecks: true,
  };
}

async function run(configFile) {
  const stryker = join(dirname(createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json")), "bin/stryker.js");
  const env = { ...process.env, MUTATION_TARGETS: targets.join(",") };
  const child = spawn(process.execPath, [stryker, "run", configFile], { stdio: "inherit", env });
  const [code] = await once(child, "close");
  return code ?? 1;
}

/** A mutant counts as noticed when a test fails or runs out of time; one that no test reaches counts as missed. */
function readScores(reportFile) {
  const { files } = JSON.parse(readFileSync(reportFile, "utf8"));
  return Object.entries(files).map(([file, { mutants }]) => {
    const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
    const noticed = count("Killed", "Timeout");
    const all = noticed + count("Survived", "NoCoverage");
    return { file, noticed, all, percent: all === 0 ? 100 : (100 * noticed) / all };
  });
}

function toTable(scores) {
  const rows = scores.map(({ file, noticed, all, percent }) => `| \`${file}\` | ${all} | ${noticed} | ${percent.toFixed(1)} |`);
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
