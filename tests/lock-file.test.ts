import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "./support/temporary-folder.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

type Entry = Record<string, unknown>;
interface Lock {
  lockfileVersion?: number;
  packages?: Record<string, Entry>;
}

/** Runs the check on a copy of this repository's lock file, changed by `change`. */
function checkLock(change: (packages: Record<string, Entry>, lock: Lock) => void) {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Required<Lock>;
  change(lock.packages, lock);
  return checkText(JSON.stringify(lock));
}

async function checkText(text: string) {
  await using folder = await createTemporaryFolder();
  const file = join(folder.path, "package-lock.json");
  writeFileSync(file, text);
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/check-lock.mjs"), file], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stderr };
}

test("every package of the lock file has its hash", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/check-lock.mjs")], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.for<[string, (packages: Record<string, Entry>, lock: Lock) => void, string]>([
  ["an entry without a hash", (all) => delete all["node_modules/vitest"]!["integrity"], "`integrity` is missing"],
  ["a hash that is too weak", (all) => (all["node_modules/vitest"]!["integrity"] = "sha1-aaaa"), "not one SHA-512"],
  ["an empty hash", (all) => (all["node_modules/vitest"]!["integrity"] = ""), "not one SHA-512"],
  ["a nested entry without a hash", (all) => (all["packages/worker/node_modules/x"] = { version: "1.0.0" }), "missing"],
  ["a link out of the repository", (all) => (all["node_modules/x"] = { link: true, resolved: "../x" }), "a workspace"],
  ["a link to what is not there", (all) => (all["node_modules/x"] = { link: true, resolved: "packages/x" }), "a link"],
  [
    "an entry with an address",
    (all) => (all["node_modules/vitest"]!["resolved"] = "http://127.0.0.1/x"),
    "one address",
  ],
  ["an older format", (_, lock) => (lock.lockfileVersion = 1), "expected `lockfileVersion` 3"],
  ["no packages", (_, lock) => delete lock.packages, "expected `lockfileVersion` 3"],
])("the check fails on %s", async ([, change, says]) => {
  const { status, stderr } = await checkLock(change);
  expect(status).toBe(1);
  expect(stderr).toContain(says);
});

test("the check fails on a file that is not JSON", async () => {
  expect(await checkText("{")).toMatchObject({ status: 1, stderr: expect.stringContaining("not JSON") as string });
});
