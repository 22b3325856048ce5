import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { findFreePort } from "../../../src/launch/index.js";
import { errorOf } from "../helpers.js";

const OTHER_USER = 65_534;
let root = "";
let folder = "";
let fallback = "";
let warnings: unknown[][] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "inference-testkit-test-folder-"));
  vi.stubEnv("TMPDIR", root);
  vi.stubEnv("INFERENCE_TESTKIT_CACHE", join(root, "cache"));
  folder = join(root, `inference-testkit-ports-${process.getuid!()}`);
  fallback = join(root, "cache", "ports");
  warnings = [];
  const spy = vi.spyOn(process, "emitWarning").mockImplementation((...args: unknown[]) => void warnings.push(args));
  onTestFinished(() => {
    spy.mockRestore();
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true });
  });
});

async function expectRefused(reason: RegExp): Promise<void> {
  using first = await findFreePort();
  using second = await findFreePort();
  expect(readdirSync(fallback).toSorted()).toEqual([`${first.port}.lock`, `${second.port}.lock`].toSorted());
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toEqual([
    expect.stringMatching(reason),
    expect.objectContaining({ code: "LOCK_FOLDER_REFUSED" }),
  ]);
  expect(warnings[0]![0]).toContain(`Reserved ports are locked in ${fallback}, because ${folder} `);
}

test("the folder is created for this user only, without a warning", async () => {
  using free = await findFreePort();
  expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder)).toEqual([`${free.port}.lock`]);
  expect(warnings).toEqual([]);
});

describe("an untrusted folder is not used and is named in one warning", () => {
  test.each([0o777, 0o770, 0o702])("mode %o", async (mode) => {
    mkdirSync(folder);
    chmodSync(folder, mode);
    await expectRefused(new RegExp(`can be written by other users \\(mode ${mode.toString(8)}\\)$`));
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a symbolic link", async () => {
    mkdirSync(join(root, "trap"), { mode: 0o700 });
    symlinkSync(join(root, "trap"), folder);
    await expectRefused(/is a symbolic link$/);
    expect(readdirSync(join(root, "trap"))).toEqual([]);
  });

  test("a dangling link, through which nothing is created", async () => {
    symlinkSync(join(root, "trap"), folder);
    await expectRefused(/is a symbolic link$/);
    expect(existsSync(join(root, "trap"))).toBe(false);
  });

  test("a file", async () => {
    writeFileSync(folder, "");
    await expectRefused(/is not a folder$/);
  });

  test.skipIf(process.getuid?.() !== 0)("a folder of another user", async () => {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, OTHER_USER, OTHER_USER);
    await expectRefused(/belongs to user 65534, not to user 0$/);
  });
});

test("if no folder is usable, the error has every reason", async () => {
  writeFileSync(folder, "");
  symlinkSync(root, join(root, "cache"));
  symlinkSync(root, fallback);

  const error = await errorOf(findFreePort());

  expect(error).toMatchObject({ code: "PORT_UNAVAILABLE", details: { folders: [folder, fallback] } });
  expect(error.message).toContain(`${folder} is not a folder; ${fallback} is a symbolic link`);
  expect(error.message).toContain("set TMPDIR to a folder");
});

test("a cache folder that cannot be created is also a reason", async () => {
  writeFileSync(folder, "");
  vi.stubEnv("INFERENCE_TESTKIT_CACHE", "/proc/no-such-folder");

  const error = await errorOf(findFreePort());

  expect(error).toMatchObject({ code: "PORT_UNAVAILABLE" });
  expect(error.message).toContain("/proc/no-such-folder/ports cannot be used: ");
});

test("tombstones of dead processes are removed for any requested port; those of live ones are kept", async () => {
  const dead = spawnSync("true").pid;
  mkdirSync(folder, { mode: 0o700 });
  for (let index = 0; index < 20; index += 1) symlinkSync(`${dead}/1/${index}`, join(folder, `1.lock.dead.u${index}`));
  symlinkSync(String(dead), join(folder, "2.lock.dead.old-version"));
  symlinkSync(String(process.pid), join(folder, "3.lock.dead.living"));
  symlinkSync("something else", join(folder, "4.lock.dead.unknown"));

  using free = await findFreePort();

  expect(readdirSync(folder).toSorted()).toEqual(
    ["3.lock.dead.living", "4.lock.dead.unknown", `${free.port}.lock`].toSorted(),
  );
});
