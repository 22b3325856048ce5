import { expect, test } from "vitest";
import { WorkerTestHarness } from "inference-testkit";
import { rejectionOf } from "./support/conditions.js";
import { inlineProgram } from "./support/foreign.js";
import { collect, complete } from "./support/jobs.js";

test.each<[unknown, string]>([
  ["vram-oom#1", "a list of keys"],
  [{}, "a list of keys"],
  [["vram-oom#2"], "keys among vram-oom#1"],
])("disarming %j is rejected and disarms nothing", async (keys, reason) => {
  await using worker = await WorkerTestHarness.startMock();
  await worker.faults.arm([{ id: "vram-oom" }]);

  expect((await rejectionOf(worker.faults.disarm(keys as string[]))).message).toContain(reason);
  expect((await collect(worker)).outcome.status).toBe("worker-error");
});

test("disarming a fault of a process that was replaced has no effect", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const keys = await worker.faults.arm([{ id: "vram-oom", optional: true }]);
  await worker.restart();

  await worker.faults.disarm(keys);

  await complete(worker);
});

test("a stopped worker rejects further faults, because the check that they fired is over", async () => {
  const worker = await WorkerTestHarness.startMock();
  await worker.stop();

  expect((await rejectionOf(worker.faults.arm([{ id: "kill" }]))).message).toContain(
    "Expected a worker that was not stopped",
  );
  expect((await rejectionOf(worker.faults.arm([{ id: "vram-oom" }]))).message).toContain(
    "Expected a worker that was not stopped",
  );
});

test("disarm() needs the keys, and clear() disarms all faults of the stub and of the process", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await worker.faults.arm([
    { id: "vram-oom", optional: true },
    { id: "kill", optional: true },
  ]);

  expect((await rejectionOf(worker.faults.disarm(undefined as never))).message).toContain("`clear()` disarms all");
  await worker.faults.clear();

  await complete(worker);
});

test("a program that is not in stub mode cannot announce faults, whatever it prints", async () => {
  const source = `console.log(JSON.stringify({ event: "fault_fired", fault: "exit#1" }));
    require("node:http").createServer((_, r) => r.end("{}")).listen(0, "127.0.0.1", function () {
      console.log("on port " + this.address().port) })`;
  const ready = { kind: "log", pattern: /on port (?<port>\d+)/ } as const;
  await using worker = await WorkerTestHarness.launch(inlineProgram(source, { ready }));

  expect(worker.logs.text()).toContain("fault_fired");
  expect(await worker.faults.accounts()).toEqual([]);
});

test("a harness has only what a test author may call", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(worker.faults) as object);

  expect(names).toEqual(["constructor", "arm", "disarm", "clear", "accounts"]);
  expect(Object.keys(worker.faults)).toEqual([]);
});

test("misspelled options of pause() and waitForExit() are rejected", async () => {
  await using worker = await WorkerTestHarness.startMock();

  expect(() => worker.pause({ forMS: 10 } as object)).toThrow("`forMS`");
  expect((await rejectionOf(worker.waitForExit({ timeout: 10 } as object))).message).toContain("`timeout`");
  expect((await worker.health()).status).toBe("healthy");
});

test("stop() resumes a paused worker to report why a fault never fired", async () => {
  const worker = await WorkerTestHarness.startMock();
  await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 10 } }]);
  await complete(worker, { max_tokens: 5 });
  worker.pause();

  expect((await rejectionOf(worker.stop())).message).toContain("vram-oom#1: matched 1, bypassed 1 (");
});
