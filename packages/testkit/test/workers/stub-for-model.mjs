// worker-orcd in stub mode under the flags of a model, and on no GPU: `--model <file> --gpu-device <n> …`. Prints the number of the GPU.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const given = process.argv.slice(2);
const skipped = new Set(["--model", "--gpu-device", "--threads"]);
const args = given.filter((word, index) => !skipped.has(word) && !skipped.has(given[index - 1]));
console.error(`gpu-device ${given[given.indexOf("--gpu-device") + 1]}`);
const folder = dirname(createRequire(import.meta.url).resolve("worker-orcd/package.json"));
const worker = spawn(process.execPath, [join(folder, "bin/worker-orcd.cjs"), "--stub-mode", ...args], {
  stdio: "inherit",
});
process.on("SIGTERM", () => worker.kill("SIGTERM"));
worker.on("exit", (code) => process.exit(code ?? 1));
