// Runs before `npm test` and `npm run demo`: installs what is missing and builds what has changed. Uses Node alone, because
// in a fresh clone there is nothing else.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed, this is ${process.versions.node}.`);
  process.exit(1);
}

if (isInstalled()) {
  run(process.execPath, ["scripts/build.mjs"]);
} else {
  console.log("Installing dependencies (once; llama.cpp's prebuilt binaries are among them) …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]); // builds as well, through `prepare`
}

/** npm writes its own copy of the lock file when it has installed everything. */
function isInstalled() {
  const installed = `${root}node_modules/.package-lock.json`;
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) console.error(`Cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
