// `npm run test:repeat -- 20 [filter …]`: runs the tests (or those a filter names) again and again and prints the count.
// Stops at the first failure: a test that fails once in twenty is a test that fails.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [times = "5", ...filters] = process.argv.slice(2);
const count = Number(times);
if (!Number.isInteger(count) || count < 1) {
  console.error(`Expected the number of runs to be a positive integer, got \`${times}\``);
  process.exit(2);
}
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

for (let run = 1; run <= count; run++) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, "run", ...filters], { encoding: "utf8" });
  const summary = stdout.trimEnd().split("\n").at(-1);
  console.log(`run ${run} of ${count}: ${summary}`);
  if (status !== 0) {
    console.log(`${stdout}\n${stderr}`);
    process.exit(1);
  }
}
console.log(`${count} of ${count} runs passed`);
