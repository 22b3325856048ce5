import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { readStatus } from "../../../src/launch/process/process-status.js";

test("the start time of a process is constant and disappears with it", async () => {
  const child = spawn("sleep", ["300"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const startTime = readStatus(child.pid!)?.startTime;
  expect(startTime).toMatch(/^\S+$/);
  expect(readStatus(child.pid!)?.startTime).toBe(startTime);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
  expect(readStatus(child.pid!)).toBeUndefined();
});
