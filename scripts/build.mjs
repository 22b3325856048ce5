// Builds every package. Called by `npm ci` (through `prepare`), by `npm test` and by hand.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const built = spawnSync(process.execPath, [tsc, "-b", ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = built.status ?? 1;
