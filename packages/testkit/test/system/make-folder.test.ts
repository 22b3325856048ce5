import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "../../src/system/index.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "make-folder-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test("creates all parents and returns the topmost new folder", async () => {
  expect(await makeFolder(join(root, "a/b/c"))).toBe(join(root, "a"));
  expect(existsSync(join(root, "a/b/c"))).toBe(true);
  expect(await makeFolder(join(root, "a/b/d"))).toBe(join(root, "a/b/d"));
});

test("an existing folder is left alone", async () => {
  expect(await makeFolder(root)).toBeUndefined();
});

test("a file in the way is an error", async () => {
  writeFileSync(join(root, "file"), "");
  await expect(makeFolder(join(root, "file"))).rejects.toThrow("EEXIST");
  await expect(makeFolder(join(root, "file/below"))).rejects.toThrow("ENOTDIR");
});

test.skipIf(!existsSync("/proc/self"))("an existing parent that refuses is an error, not an endless loop", async () => {
  await expect(makeFolder("/proc/no-such-folder")).rejects.toThrow("ENOENT");
  await expect(makeFolder("/proc/no-such-folder/below")).rejects.toThrow("ENOENT");
});
