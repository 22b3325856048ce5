// Checks that npm can verify everything it installs: `npm ci` accepts any archive for an entry of the lock file that has no hash.
// Uses Node alone, because it runs before anything is installed. Usage: node scripts/check-lock.mjs [lock file]
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const file = resolve(process.argv[2] ?? fileURLToPath(new URL("../package-lock.json", import.meta.url)));
const problems = check(readFileSync(file, "utf8"));

if (problems.length > 0) {
  console.error(`${file}:\n${problems.map((problem) => `  ${problem}\n`).join("")}`);
  console.error(
    "Remove these entries and run `npm install --package-lock-only`: npm adds them again with the registry's values. If the registry\n" +
      "lacks a package of another platform, choose a version of its parent whose packages are all there.",
  );
  process.exitCode = 1;
}

function check(text) {
  let lock;
  try {
    lock = JSON.parse(text);
  } catch (error) {
    return [`not JSON: ${error.message}`];
  }
  const { packages, lockfileVersion } = lock ?? {};
  const entries = Object.entries(packages ?? {});
  if (lockfileVersion !== 3 || entries.length === 0) {
    return [`expected \`lockfileVersion\` 3 with its \`packages\`, got version ${lockfileVersion}`];
  }
  return entries.flatMap(([place, entry]) =>
    checkEntry(place, entry, packages).map((problem) => `${place}: ${problem}`),
  );
}

/** The root and the workspaces are folders of this repository; everything else is downloaded. */
function checkEntry(place, entry, packages) {
  if (!`/${place}`.includes("/node_modules/"))
    return place === "" || isInside(place) ? [] : ["outside this repository"];
  if (entry.link === true) {
    const isWorkspace = isInside(entry.resolved) && Object.hasOwn(packages, entry.resolved);
    return isWorkspace ? [] : [`a link to \`${entry.resolved}\`, which is not a workspace`];
  }
  const problems = [];
  if (entry.resolved !== undefined) problems.push(`fixed to one address, \`${entry.resolved}\``);
  if (entry.integrity === undefined) problems.push(`\`integrity\` is missing (version ${entry.version})`);
  else if (!isSha512(entry.integrity)) problems.push(`\`integrity\` is not one SHA-512, \`${entry.integrity}\``);
  return problems;
}

function isInside(path) {
  return typeof path === "string" && /^[\w-]/.test(path) && !path.includes(":") && !path.split("/").includes("..");
}

/** 64 bytes in base64. */
function isSha512(integrity) {
  return typeof integrity === "string" && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity);
}
