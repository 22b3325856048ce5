import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { tryLockPort } from "../../../src/launch/ports/port-lock.js";
import { readStatus } from "../../../src/launch/process/process-status.js";

let path = "";

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  path = join(folder, "20000.lock");
});

/** A pid that belongs to nobody any more. */
async function createDeadPid(): Promise<number> {
  const child = spawn("true");
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid!;
}

test("a lock is held by one owner until it is released", () => {
  const lock = tryLockPort(path);
  expect(lock).toBeDefined();
  expect(tryLockPort(path)).toBeUndefined();
  lock?.release();
  expect(existsSync(path)).toBe(false);
  expect(tryLockPort(path)).toBeDefined();
});

test("release() may be called twice and does not release the next owner's lock", () => {
  const first = tryLockPort(path);
  first?.release();
  const second = tryLockPort(path);
  first?.release();
  expect(second).toBeDefined();
  expect(tryLockPort(path)).toBeUndefined();
});

test("the lock of a dead process is taken over and leaves no tombstone", async () => {
  symlinkSync(`${await createDeadPid()}/123/old`, path);
  expect(tryLockPort(path)).toBeDefined();
  expect(readlinkSync(path)).toMatch(new RegExp(`^${process.pid}/`));
  expect(readdirSync(join(path, ".."))).toEqual(["20000.lock"]);
});

test("the lock of a process whose pid was reused is taken over", () => {
  symlinkSync(`${process.pid}/started-at-another-time/old`, path);
  expect(tryLockPort(path)).toBeDefined();
});

test("the lock of a live process, and an unreadable one, is respected", () => {
  symlinkSync(`${process.pid}/${readStatus(process.pid)!.startTime}/other`, path);
  expect(tryLockPort(path)).toBeUndefined();
  symlinkSync("something else", `${path}2`);
  expect(tryLockPort(`${path}2`)).toBeUndefined();
});

test("the tombstone of a process that died during a takeover does not block the port forever", async () => {
  const dead = await createDeadPid();
  symlinkSync(`${dead}/123/old`, path);
  symlinkSync(`${dead}/123/first`, `${path}.dead.old`);
  symlinkSync(`${dead}/123/second`, `${path}.dead.first`);
  expect(tryLockPort(path)).toBeDefined();
  expect(readdirSync(join(path, ".."))).toEqual(["20000.lock"]);
});

test("neither does the tombstone of an earlier version, which has only a pid", async () => {
  const dead = String(await createDeadPid());
  symlinkSync(`${dead}/123/old`, path);
  symlinkSync(dead, `${path}.dead.old`);
  expect(tryLockPort(path)).toBeDefined();
  expect(readdirSync(join(path, ".."))).toEqual(["20000.lock"]);
});

test("circular tombstones end without a lock, not in an endless search", async () => {
  const dead = await createDeadPid();
  symlinkSync(`${dead}/123/a`, path);
  symlinkSync(`${dead}/123/b`, `${path}.dead.a`);
  symlinkSync(`${dead}/123/a`, `${path}.dead.b`);
  expect(tryLockPort(path)).toBeUndefined();
});

test("a stale lock that another process is taking over is left to that process", async () => {
  symlinkSync(`${await createDeadPid()}/123/old`, path);
  symlinkSync("other", `${path}.dead.old`);
  expect(tryLockPort(path)).toBeUndefined();
  expect(readlinkSync(path)).toContain("/old");
});
