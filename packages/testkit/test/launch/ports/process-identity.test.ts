import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { findStartTime } from "../../../src/launch/ports/process-identity.js";

test("a start time stays the same for one process and is gone with it", async () => {
  const child = spawn("sleep", ["300"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const startTime = findStartTime(child.pid!);
  expect(startTime).toMatch(/^\d+$/);
  expect(findStartTime(child.pid!)).toBe(startTime);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
  expect(findStartTime(child.pid!)).toBeUndefined();
});
