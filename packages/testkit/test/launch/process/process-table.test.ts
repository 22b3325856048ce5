import { spawn, type ChildProcess } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import {
  isGroupGone,
  isRunning,
  listGroup,
  listMarked,
  signalGroup,
} from "../../../src/launch/process/process-table.js";
import { waitUntil } from "../helpers.js";

function startGroup(command: string, env: Record<string, string> = {}): ChildProcess {
  const child = spawn("sh", ["-c", command], { detached: true, stdio: "ignore", env: { ...process.env, ...env } });
  onTestFinished(() => signalGroup(child.pid!, "SIGKILL"));
  return child;
}

test("the running members of a group are listed with their command lines", async () => {
  const child = startGroup("sleep 301 & sleep 302; true");
  await waitUntil(() => listGroup(child.pid!).filter((member) => member.command.startsWith("sleep")).length === 2);
  const commands = listGroup(child.pid!).map((member) => member.command);
  expect(commands.toSorted()).toEqual(["sh -c sleep 301 & sleep 302; true", "sleep 301", "sleep 302"]);
});

test("a zombie is not a running member, but keeps the group id in use", async () => {
  // The parent replaces itself by a program that never asks for its child's end.
  const child = startGroup("true & exec sleep 303");
  await waitUntil(() => listGroup(child.pid!).some((member) => member.command === "sleep 303"));
  await waitUntil(() => listGroup(child.pid!).length === 1);
  expect(isGroupGone(child.pid!)).toBe(false);
});

test("a group without members is gone", async () => {
  const child = startGroup("true");
  await new Promise((resolve) => child.once("exit", resolve));
  expect(isGroupGone(child.pid!)).toBe(true);
  expect(listGroup(child.pid!)).toEqual([]);
});

test("marked processes are found in any group", async () => {
  const mark = `mark-${process.pid}-${performance.now()}`;
  const first = startGroup("exec sleep 304", { INFERENCE_TESTKIT_WORKER: mark });
  const second = startGroup("exec sleep 305", { INFERENCE_TESTKIT_WORKER: `outer,${mark}` });
  startGroup("exec sleep 306", { INFERENCE_TESTKIT_WORKER: "other" });
  const wanted = [first.pid!, second.pid!].toSorted();
  await waitUntil(() => listMarked(mark).length === 2);
  expect(
    listMarked(mark)
      .map((member) => member.pid)
      .toSorted(),
  ).toEqual(wanted);
});

test("a process runs until it has ended", async () => {
  const child = startGroup("exec sleep 308");
  expect(isRunning(child.pid!)).toBe(true);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  signalGroup(child.pid!, "SIGKILL");
  await exited;
  expect(isRunning(child.pid!)).toBe(false);
});
