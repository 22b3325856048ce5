import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { readRowsWithPs, readStatus } from "../../../src/launch/process/process-status.js";
import { REAPER_SCRIPT } from "../../../src/launch/process/reaper-script.js";
import { isRunning, waitUntil } from "../helpers.js";

/** How the script finds out whether it can use `/proc`; without it, it does as on macOS. */
const PROC_CHECK = "[ -r /proc/self/stat ] && proc=yes || proc=";

const SYSTEMS = {
  "/proc": { script: REAPER_SCRIPT, startOf: (pid: number) => readStatus(pid)!.startTime },
  ps: {
    script: REAPER_SCRIPT.replace(PROC_CHECK, "proc="),
    startOf: (pid: number) => readRowsWithPs(["-p", String(pid)])[0]!.startTime,
  },
} as const;

const SLEEP = "exec sleep 313";

type Started = ChildProcess & { readonly pid: number };

function start(command: string): Started {
  const child = spawn("/bin/sh", ["-c", command], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child as Started;
}

test.skipIf(!existsSync("/bin/ps")).each(["/proc", "ps"] as const)(
  "with %s: ends workers without their runner, spares processes with a reused pid, and ends with its input",
  async (system) => {
    const { script, startOf } = SYSTEMS[system];
    expect(system === "/proc").toBe(script.includes(PROC_CHECK));
    const [above, first, later, stranger] = [start(SLEEP), start(SLEEP), start(SLEEP), start(SLEEP)];
    const name = ({ pid }: { pid: number }): string => `${pid}:${startOf(pid)}`;
    const reaper = start(script);
    const exited = once(reaper, "exit");
    const lines = [
      `+group ${stranger.pid}:1`,
      `+process ${stranger.pid}:1`,
      `+group ${name(first)}`,
      `+above ${name(above)}`,
    ];
    reaper.stdin!.write(`${lines.join("\n")}\n`);
    above.kill("SIGKILL");
    await waitUntil(() => !isRunning(first.pid));
    reaper.stdin!.write(`+group ${name(later)}\n`);
    await waitUntil(() => !isRunning(later.pid));
    expect([stranger, reaper].map(({ pid }) => isRunning(pid))).toEqual([true, true]);
    reaper.stdin!.end();
    expect(await exited).toEqual([0, null]);
    expect(isRunning(stranger.pid)).toBe(true);
  },
);
