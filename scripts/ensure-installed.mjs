// Runs before `npm test` and `npm run demo`: installs what is missing and builds what has changed. Uses Node alone, because
// in a fresh clone there is nothing else.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const marker = `${root}node_modules/.installed-from`;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed, this is ${process.versions.node}.`);
  process.exit(1);
}

const lock = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");
if (existsSync(marker) && readFileSync(marker, "utf8") === lock) {
  run(process.execPath, ["scripts/build.mjs"]);
} else {
  console.log("Installing dependencies (once; llama.cpp's prebuilt binaries are among them) …");
  run("npm", ["ci", "--no-audit", "--no-fund"]); // builds as well, through `prepare`
  writeFileSync(marker, lock);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) console.error(`Cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
