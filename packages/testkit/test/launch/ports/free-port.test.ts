import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { findFreePort } from "../../../src/launch/index.js";
import { isBindable } from "../../../src/launch/ports/bindable.js";
import { errorOf, startRunner } from "../helpers.js";

let folder = "";

/** Reservations of other test files must not play a role here. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-ports-"));
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    rmSync(folder, { recursive: true });
  });
});

const listLocks = (): string[] => readdirSync(folder).flatMap((inner) => readdirSync(join(folder, inner)));

test("a reserved port can be bound, is not assigned twice, and is free again after release()", async () => {
  const random = (): number => 0.25;
  const first = await findFreePort({ random });
  const second = await findFreePort({ random });
  expect(await isBindable("127.0.0.1", first.port)).toBe(true);
  expect(second.port).toBeGreaterThan(first.port);
  first.release();
  first.release();
  using third = await findFreePort({ random });
  expect(third.port).toBe(first.port);
  second.release();
});

test("leaving the scope releases the port", async () => {
  {
    using free = await findFreePort();
    expect(listLocks()).toEqual([`${free.port}.lock`]);
  }
  expect(listLocks()).toEqual([]);
});

test("a port that is in use is skipped", async () => {
  const random = (): number => 0.75;
  const free = await findFreePort({ random });
  const server = createServer().listen(free.port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  free.release();
  using other = await findFreePort({ random });
  expect(other.port).not.toBe((server.address() as AddressInfo).port);
  expect(listLocks()).toEqual([`${other.port}.lock`]);
  await new Promise((resolve) => server.close(resolve));
});

test("four processes that reserve 50 ports each at the same moment never collide", async () => {
  const runners = Array.from({ length: 4 }, () => startRunner("reserves-ports", ["50"], { TMPDIR: folder }));
  await Promise.all(runners.map((runner) => runner.nextLine("waiting")));
  for (const runner of runners) runner.endInput();
  const lists = await Promise.all(runners.map((runner) => runner.nextLine("ports")));
  const ports = lists.flatMap((list) => list.split(" "));
  expect(ports).toHaveLength(200);
  expect(new Set(ports).size).toBe(200);
});

test("four processes that find 50 stale locks at the same moment never collide", async () => {
  const dead = startRunner("reserves-ports", ["50"], { TMPDIR: folder });
  dead.endInput();
  const stale = await dead.nextLine("ports");
  dead.kill();
  await dead.exited;
  expect(listLocks()).toHaveLength(50);
  const runners = Array.from({ length: 4 }, () => startRunner("reserves-ports", ["20"], { TMPDIR: folder }));
  await Promise.all(runners.map((runner) => runner.nextLine("waiting")));
  for (const runner of runners) runner.endInput();
  const lists = await Promise.all(runners.map((runner) => runner.nextLine("ports")));
  const ports = lists.flatMap((list) => list.split(" "));
  expect(new Set(ports).size).toBe(80);
  expect(ports.some((port) => stale.split(" ").includes(port))).toBe(true);
});

test("a process that ends normally leaves no lock file", async () => {
  const runner = startRunner("reserves-ports", ["5", "release"], { TMPDIR: folder });
  runner.endInput();
  await runner.nextLine("ports");
  expect(await runner.exited).toBe(0);
  expect(existsSync(folder)).toBe(true);
  expect(listLocks()).toEqual([]);
});

test("if no port can be bound, the error names the searched ranges", async () => {
  const error = await errorOf(findFreePort({ host: "192.0.2.1", timeoutMs: 20 }));
  const message = error.message.replace(folder, "<tmp>").replace(/ports-\d+/, "ports-<uid>");
  expect(message.replace(/\["[^\]]*\]/, "<ranges>")).toMatchInlineSnapshot(`
    "[PORT_UNAVAILABLE] No free port was found on 192.0.2.1 within 20 ms
    hint: Too many ports are in use or reserved: check for leaked processes, or widen the range.
      host: 192.0.2.1
      ranges: <ranges>
      lockFolder: <tmp>/inference-testkit-ports-<uid>"
  `);
  expect(listLocks()).toEqual([]);
});

test("the caller's signal and an invalid time-out end the search", async () => {
  const reason = new Error("enough");
  expect(await errorOf(findFreePort({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(await errorOf(findFreePort({ timeoutMs: -1 }))).toMatchObject({ code: "INVALID_OPTION" });
});
