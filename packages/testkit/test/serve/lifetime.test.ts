import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { isRunning, waitFor } from "../../../../tests/support/conditions.js";
import { BIN, EngineClient } from "./engine-client.js";

const gone = (pid: number) => waitFor(`the end of process ${pid}`, () => (isRunning(pid) ? undefined : true), 30_000);

test("shutdown stops the workers, answers, and ends the engine", async () => {
  const engine = await EngineClient.start();
  const { pid } = await engine.startMock();
  expect(await engine.call("shutdown")).toEqual({ problems: [] });
  expect(await engine.exited).toBe(0);
  expect(isRunning(pid)).toBe(false);
});

test("shutdown returns the problems of workers that did not end as they should", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  await engine.call("worker.armFaults", { worker, faults: [{ id: "vram-oom", at: { afterTokens: 1 } }] });
  const { problems } = await engine.call<{ problems: unknown[] }>("shutdown");
  expect(problems).toEqual([expect.objectContaining({ code: "FAULT_NEVER_FIRED", isAssertion: true })]);
});

test("the end of stdin stops the workers and ends the engine", async () => {
  const engine = await EngineClient.start();
  const { pid } = await engine.startMock();
  engine.child.stdin.end();
  expect(await engine.exited).toBe(0);
  expect(isRunning(pid)).toBe(false);
  expect(engine.stderr).toContain("the engine ends, because its stdin ended");
});

test("a start that is in progress when stdin ends leaves nothing behind", async () => {
  const engine = await EngineClient.start();
  const id = engine.send("worker.startMock", { options: { stub: { startupDelayMs: 8_000 } } });
  engine.child.stdin.end();
  expect(await engine.exited).toBe(0);
  expect((await engine.answerTo(id)).error?.data["code"]).toBe("SHUTTING_DOWN");
});

test("a call that waits for a worker does not delay the end", async () => {
  const engine = await EngineClient.start();
  const { worker, pid } = await engine.startMock();
  engine.send("worker.waitForExit", { worker, timeoutMs: 600_000 });
  await engine.call("worker.info", { worker }); // the call before it is being served
  engine.child.stdin.end();
  expect(await engine.exited).toBe(0);
  expect(isRunning(pid)).toBe(false);
});

test("a start that was cancelled leaves no worker", async () => {
  const engine = await EngineClient.start();
  const id = engine.send("worker.startMock", { options: { stub: { startupDelayMs: 8_000 } } });
  engine.notify("$/cancel", { id });
  expect((await engine.answerTo(id)).error?.data["code"]).toBe("CANCELLED");
  expect((await engine.fail("worker.info", { worker: "worker-1" })).message).toContain("there is none");
});

test("kill -9 of the engine ends its workers", async () => {
  const engine = await EngineClient.start();
  const { pid } = await engine.startMock();
  engine.child.kill("SIGKILL");
  await engine.exited;
  await gone(pid);
});

test("SIGTERM stops the workers", async () => {
  const engine = await EngineClient.start();
  const { pid } = await engine.startMock();
  engine.child.kill("SIGTERM");
  expect(await engine.exited).toBe(143);
  expect(isRunning(pid)).toBe(false);
});

/** A client that starts an engine and a worker, prints both pids, and then hangs. */
const CLIENT = `
const { spawn } = require("node:child_process");
const holdsPipe = process.argv[2] === "shared";
const engine = spawn(process.execPath, [process.argv[1], "serve"], { stdio: ["pipe", "pipe", "inherit"] });
const say = (id, method, params) => engine.stdin.write(JSON.stringify({ jsonrpc: "2.0", id, method, params }) + "\\n");
// Another process with a copy of the engine's stdin: its end of file never arrives.
const holder = holdsPipe ? spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", engine.stdin] }) : undefined;
say(1, "initialize", { protocolVersion: 1 });
say(2, "worker.startMock", {});
let text = "";
engine.stdout.on("data", (chunk) => {
  text += chunk;
  for (const line of text.split("\\n").slice(0, -1)) {
    const { id, result } = JSON.parse(line);
    if (id === 2) console.log(JSON.stringify({ engine: engine.pid, worker: result.pid, holder: holder && holder.pid }));
  }
});
`;

test.each([
  ["its stdin ends", "own"],
  ["another process holds its stdin open", "shared"],
])("kill -9 of the client ends the engine and its workers, when %s", async (_, mode) => {
  const client = spawn(process.execPath, ["-e", CLIENT, BIN, mode], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void client.kill("SIGKILL"));
  const [line] = (await once(client.stdout, "data")) as [Buffer];
  const pids = JSON.parse(line.toString()) as { engine: number; worker: number; holder?: number };
  onTestFinished(() => {
    if (pids.holder !== undefined) process.kill(pids.holder, "SIGKILL");
  });
  expect(isRunning(pids.worker)).toBe(true);
  client.kill("SIGKILL");
  await gone(pids.engine);
  await gone(pids.worker);
});

test("what is printed beside the protocol goes to stderr", async () => {
  const engine = await EngineClient.start({ INFERENCE_TESTKIT_LOG: "debug" });
  const { worker } = await engine.startMock();
  await engine.call("response.collect", { response: await engine.execute(worker) });
  await engine.call("shutdown");
  await engine.exited;
  expect(engine.stderr).toContain("worker-orcd");
  for (const line of engine.stdout.trimEnd().split("\n")) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
});
