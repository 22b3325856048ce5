// `npm run test:repeat -- 20 [--busy <n>] [filter …]`: runs the tests (or those a filter names) again and again and prints the count.
// `--busy 2` keeps two busy loops running beside them: a test that fails on a busy machine is a test that fails.
// Stops at the first failure.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const USAGE = "usage: npm run test:repeat -- <runs> [--busy <loops>] [filter …]";
/** A loop ends when its parent is gone: a killed run must not keep the machine busy. */
const BUSY_LOOP = `
  const parent = process.ppid;
  while (process.ppid === parent) for (const end = Date.now() + 200; Date.now() < end; );
`;

const { runs, busy, filters } = readArguments();
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const loops = Array.from({ length: busy }, () => spawn(process.execPath, ["-e", BUSY_LOOP], { stdio: "ignore" }));
process.exitCode = await repeat();
for (const loop of loops) loop.kill("SIGKILL");

async function repeat() {
  for (let run = 1; run <= runs; run++) {
    const startedAt = performance.now();
    const { code, output } = await runTests();
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(`run ${run} of ${runs}, ${seconds} s: ${output.trimEnd().split("\n").at(-1)}`);
    if (code !== 0) {
      console.log(output);
      return 1;
    }
  }
  const beside = busy === 0 ? "" : ` beside ${busy} busy ${busy === 1 ? "loop" : "loops"}`;
  console.log(`${runs} of ${runs} runs passed${beside}`);
  return 0;
}

async function runTests() {
  const child = spawn(process.execPath, [vitest, "run", ...filters], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  return { code, output };
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { busy: { type: "string" } } });
    const [runs = "5", ...filters] = positionals;
    return { runs: readCount("runs", runs, 1), busy: readCount("--busy", values.busy ?? "0", 0), filters };
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

function readCount(name, text, least) {
  const count = Number(text);
  if (/^\d{1,4}$/.test(text) && count >= least) return count;
  throw new Error(`Expected \`${name}\` to be a whole number of at least ${least}, got \`${text}\``);
}
