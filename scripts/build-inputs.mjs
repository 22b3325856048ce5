// Whether `dist` was built from the sources that are there now. Compares content, not times: `git checkout` and `touch` change those without
// changing anything, and a clone gives every file the same one.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The hashes of what the last build was made from, and of the records that the compiler kept of it. */
const STAMP = "dist/build-inputs.sha256";
/** Everything else that decides what is built. */
const SETTINGS = /^(package\.json|tsconfig\.json)$/;
const SHARED = ["package-lock.json", "tsconfig.base.json", "tsconfig.json", "scripts/build.mjs"];
/** Some of what a build writes: a package whose `dist` was deleted is not built, whatever the stamp says. */
const OUTPUTS = [
  "packages/protocol/dist/index.js",
  "packages/control/dist/index.js",
  "packages/testkit/dist/index.js",
  "packages/testkit/dist/bundle/main.js",
  "packages/testkit/dist/report-page",
  "packages/worker/dist/bundle/main.js",
];

/**
 * The hash of every source that is built, and of the settings it is built with.
 *
 * @param {string} root the folder of the repository, with a slash at the end.
 * @returns {string}
 */
export function hashInputs(root) {
  return hashFiles(root, [...SHARED, ...listPackageFiles(root)]);
}

/**
 * Why `dist` must be built, for a message; `undefined` if it is up to date.
 *
 * @param {string} root the folder of the repository, with a slash at the end.
 * @returns {string | undefined}
 */
export function findStale(root) {
  const missing = OUTPUTS.find((file) => !existsSync(root + file));
  if (missing !== undefined) return `${missing} is missing`;
  if (!existsSync(root + STAMP)) return "it was not built with `npm run build`";
  const [inputs, records] = readFileSync(root + STAMP, "utf8").split(" ");
  if (inputs !== hashInputs(root)) return "the sources have changed since";
  return records === hashRecords(root) ? undefined : "other sources were compiled since";
}

/**
 * Marks what is there as outdated: a build that fails halfway leaves parts of it behind.
 *
 * @param {string} root the folder of the repository, with a slash at the end.
 * @returns {void}
 */
export function removeStamp(root) {
  rmSync(root + STAMP, { force: true });
}

/**
 * Remembers what a build was made from.
 *
 * @param {string} root the folder of the repository, with a slash at the end.
 * @param {string} inputs of {@link hashInputs}, taken before the build: a source may change meanwhile.
 * @returns {void}
 */
export function writeStamp(root, inputs) {
  mkdirSync(dirname(root + STAMP), { recursive: true });
  writeFileSync(root + STAMP, `${inputs} ${hashRecords(root)}`);
}

/** `tsc -b` alone replaces modules as well, and its records then have the hashes of other sources. */
function hashRecords(root) {
  const files = readdirSync(`${root}packages`).map((name) => `packages/${name}/dist/.tsbuildinfo`);
  return hashFiles(
    root,
    files.filter((file) => existsSync(root + file)),
  );
}

function hashFiles(root, files) {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(root + file);
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function listPackageFiles(root) {
  const files = readdirSync(`${root}packages`).flatMap((name) => {
    const folder = `packages/${name}`;
    const settings = readdirSync(root + folder).filter((file) => SETTINGS.test(file));
    const sources = existsSync(`${root}${folder}/src`) ? listFiles(root, `${folder}/src`) : [];
    return [...settings.map((file) => `${folder}/${file}`), ...sources];
  });
  return files.sort();
}

function listFiles(root, folder) {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(root, path) : [path];
  });
}
