import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { readStatus } from "../../../src/launch/process/process-status.js";

test("a start time stays the same for one process and is gone with it", async () => {
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
