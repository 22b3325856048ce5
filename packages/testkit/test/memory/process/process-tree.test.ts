import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../../../../tests/support/conditions.js";
import { parsePs, procReader, psReader, type ProcessReader } from "../../../src/memory/process/process-list.js";
import { ProcessTree } from "../../../src/memory/process/process-tree.js";

const MIB = 1024 ** 2;
const IDLE = "setInterval(() => 0, 1000);";
const READERS = [
  ["/proc", procReader],
  ["ps", psReader],
] as const;

/** A program in a group of its own that says its children's pids; it is killed when the test is over. */
async function start(source: string, children = 0): Promise<{ child: ChildProcess; pid: number; children: number[] }> {
  const child = spawn(process.execPath, ["-e", `${source}; console.log("up"); ${IDLE}`], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  onTestFinished(async () => {
    for (const pid of [-child.pid!, ...pidsIn(output)]) tryKill(pid);
    child.stdout.destroy();
    await exited;
  });
  await waitFor(`${children} children`, () => (output.match(/up/g)?.length === children + 1 ? true : undefined));
  return { child, pid: child.pid!, children: pidsIn(output) };
}

/** A child of the program above; `detached` puts it in a group of its own. */
function childSource(detached: boolean): string {
  return `const child = require("child_process").spawn(process.execPath, ["-e", 'console.log("up"); ${IDLE}'],
    { detached: ${detached}, stdio: ["ignore", 1, "ignore"] }); child.unref(); console.log("pid " + child.pid)`;
}

function pidsIn(output: string): number[] {
  return [...output.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}

describe.each(READERS)("%s", (_, reader) => {
  test("resident memory is that of the process, and follows it", async () => {
    const small = await start("");
    const large = await start(`const held = Buffer.alloc(${100 * MIB}, 1)`);
    const [before, after] = await Promise.all(
      [small, large].map(({ pid }) => new ProcessTree(pid, reader).residentBytes("always")),
    );

    expect(before).toBeGreaterThan(10 * MIB);
    expect(after! - before!).toBeGreaterThan(90 * MIB);
    expect(after! - before!).toBeLessThan(130 * MIB);
  });

  test("a child counts, even in its own group and after its parent has ended", async () => {
    const parent = await start(childSource(true), 1);
    const [child] = parent.children;
    const tree = new ProcessTree(parent.pid, reader);
    const both = await tree.residentBytes("always");
    expect([...tree.seenPids].sort()).toEqual([parent.pid, child!].sort());

    parent.child.kill("SIGKILL");
    await waitFor("the parent's end", async () =>
      (await reader.residentBytes([parent.pid])).get(parent.pid) ? undefined : true,
    );
    const alone = await tree.residentBytes("always");
    expect(alone).toBeGreaterThan(0);
    expect(alone).toBeLessThan(both);

    tryKill(child!);
    await waitFor("nothing", async () => ((await tree.residentBytes("always")) === 0 ? true : undefined));
  });

  test("a member of the group counts even if its parent was gone before the first look", async () => {
    const parent = await start(childSource(false), 1);
    parent.child.kill("SIGKILL");
    await waitFor("the parent's end", async () =>
      (await reader.residentBytes([parent.pid])).get(parent.pid) ? undefined : true,
    );
    expect(await new ProcessTree(parent.pid, reader).residentBytes("always")).toBeGreaterThan(10 * MIB);
  });
});

test("the search for new members is bounded: not due right after one, unless requested", async () => {
  let listCount = 0;
  const slow: ProcessReader = {
    list: () => {
      listCount += 1;
      const until = performance.now() + 5;
      while (performance.now() < until);
      return [];
    },
    residentBytes: () => new Map(),
  };
  const tree = new ProcessTree(1, slow);
  for (let index = 0; index < 3; index++) await tree.residentBytes("if-due");
  expect(listCount).toBe(1);
  await tree.residentBytes("always");
  expect(listCount).toBe(2);
});

test("a later process with the pid of a member is not a member", async () => {
  const rows = [
    { pid: 10, parent: 1, group: 10, startedAt: "1" },
    { pid: 11, parent: 10, group: 11, startedAt: "2" },
  ];
  const reader: ProcessReader = { list: () => rows, residentBytes: (pids) => new Map(pids.map((pid) => [pid, pid])) };
  const tree = new ProcessTree(10, reader);
  expect(await tree.residentBytes("always")).toBe(21);
  rows.splice(0, 2, { pid: 11, parent: 1, group: 11, startedAt: "3" });
  expect(await tree.residentBytes("always")).toBe(0);
});

test("this process: /proc and ps agree", async () => {
  const own = async (reader: ProcessReader): Promise<number> =>
    (await reader.residentBytes([process.pid])).get(process.pid)!;
  const [exact, other] = [await own(procReader), await own(psReader)];
  expect(Math.abs(other / exact - 1)).toBeLessThan(0.3);
  expect(readFileSync("/proc/self/status", "utf8")).toContain("VmRSS");
});

test("the table of ps, as macOS and Linux print it", () => {
  // macOS pads to the width of the widest cell, Linux right-aligns; both give rss in units of 1024 bytes, see ps(1).
  expect(parsePs("    1     0     1  14992\n  501     1   501      0\n\nnonsense\n")).toEqual([
    { row: { pid: 1, parent: 0, group: 1, startedAt: "" }, bytes: 14992 * 1024 },
    { row: { pid: 501, parent: 1, group: 501, startedAt: "" }, bytes: 0 },
  ]);
});
