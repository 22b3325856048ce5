import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { listHeirs, readHoldings } from "../../../src/launch/process/holdings.js";
import { readStatus } from "../../../src/launch/process/process-status.js";
import { readCommand } from "../../../src/launch/process/process-table.js";
import { waitUntil } from "../helpers.js";

// What the runner has open now is never counted; the tests pass on what it opens later.
readHoldings([]);
const DESCRIBED = { ...readStatus(process.pid)!, pid: 1, startTime: "0" };
/** No pid of Linux is larger: the pids of all processes are smaller, as after they have started over. */
const MOST_PID = 2 ** 22;

/** Starts a process that inherits a file as number 3 and loses its parent; returns its pid. */
async function startOrphan(file: number): Promise<number> {
  const child = spawn("/bin/sh", ["-c", "/bin/sleep 323 1>/dev/null & echo $!"], {
    ...{ detached: true, env: {} },
    stdio: ["ignore", "pipe", "ignore", file],
  });
  const pid = Number(
    await new Promise((resolve) => child.stdout!.once("data", (text: Buffer) => resolve(String(text)))),
  );
  onTestFinished(() => void process.kill(pid, "SIGKILL"));
  await new Promise((resolve) => child.once("exit", resolve));
  await waitUntil(() => readCommand(pid) === "/bin/sleep 323");
  return pid;
}

function open(path: string, flags: string): number {
  const file = openSync(path, flags);
  onTestFinished(() => closeSync(file));
  return file;
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

describe.runIf(process.platform === "linux")("listHeirs()", () => {
  test("finds an orphan without environment by a socket that it inherited", async () => {
    const server = await listen();
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const pid = await startOrphan(fd);
    const holdings = new Map([...readHoldings([pid])].filter(([id]) => id.startsWith("socket:")));
    expect(holdings.size).toBe(1);
    const heir = { pid, shared: [...holdings.values()][0] };
    expect(listHeirs(holdings, DESCRIBED)).toMatchObject([heir]);
    expect(listHeirs(holdings, { ...DESCRIBED, pid: MOST_PID })).toMatchObject([heir]);
  });

  test("finds one by a file that both write, not by one that both only read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "heirs-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "log");
    const pid = await startOrphan(open(path, "a"));
    expect(listHeirs(readHoldings([pid]), DESCRIBED)).toMatchObject([
      { pid, shared: `the file ${path}, open for writing` },
    ]);
    const reader = await startOrphan(open(path, "r"));
    expect([...readHoldings([reader]).values()]).toEqual([]);
  });

  test("leaves alone what is older than the worker, and what a running process of this runner has started", async () => {
    const { fd } = ((await listen()) as unknown as { _handle: { fd: number } })._handle;
    const pid = await startOrphan(fd);
    const holdings = readHoldings([pid]);
    expect(listHeirs(holdings, { ...DESCRIBED, startTime: "99999999999" })).toEqual([]);
    expect(listHeirs(holdings, { ...DESCRIBED, pid })).toEqual([]);
    const child = spawn("/bin/sleep", ["324"], { stdio: ["ignore", "ignore", "ignore", fd] });
    onTestFinished(() => void child.kill("SIGKILL"));
    expect(listHeirs(holdings, DESCRIBED).map((heir) => heir.pid)).toEqual([pid]);
  });

  test("does not count what the runner inherited and passes on to everything", async () => {
    const child = spawn("/bin/sleep", ["325"], { stdio: "inherit" });
    onTestFinished(() => void child.kill("SIGKILL"));
    await waitUntil(() => readCommand(child.pid!) === "/bin/sleep 325");
    expect([...readHoldings([child.pid!])]).toEqual([]);
  });
});
