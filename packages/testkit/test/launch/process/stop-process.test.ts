import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { killSurvivors } from "../../../src/launch/process/stop-process.js";
import { errorOf, isRunning } from "../helpers.js";

function startSleeper(): { pid: number; list: () => { pid: number; command: string }[] } {
  const child = spawn("sleep", ["307"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const pid = child.pid!;
  return { pid, list: () => (isRunning(pid) ? [{ pid, command: "sleep 307" }] : []) };
}

test("what is killed is reported once", async () => {
  const { pid, list } = startSleeper();
  const kill = (found: readonly { pid: number }[]): void => found.forEach((each) => process.kill(each.pid, "SIGKILL"));
  expect(await killSurvivors({ list, signal: kill, timeoutMs: 10_000 })).toEqual([{ pid, command: "sleep 307" }]);
  expect(isRunning(pid)).toBe(false);
});

test("nothing to kill: an empty report", async () => {
  expect(await killSurvivors({ list: () => [], signal: () => undefined, timeoutMs: 1 })).toEqual([]);
});

test("a process that outlives the kill is named in the error", async () => {
  const { pid, list } = startSleeper();
  const error = await errorOf(killSurvivors({ list, signal: () => undefined, timeoutMs: 30 }));
  expect(error).toMatchObject({ code: "STOP_FAILED" });
  expect(error.message.replaceAll(String(pid), "<pid>")).toMatchInlineSnapshot(`
    "[STOP_FAILED] 1 of the worker's processes is still alive: <pid> (sleep 307)
    hint: They are listed with their pids; a process in uninterruptible sleep (a GPU driver) needs the operating system's help.
      survivors: [{"pid":<pid>,"command":"sleep 307"}]
      waitedMs: 30"
  `);
});
