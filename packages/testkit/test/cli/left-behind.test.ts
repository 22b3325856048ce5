import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { checkNothingIsLeft, checkStop } from "../../src/cli/demo/left-behind.js";
import type { StopReport } from "../../src/launch/index.js";

const HOST = "127.0.0.1";

async function listen(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.destroy()).listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** A process that leads its own group and is killed when the test is over. */
async function startLeader(): Promise<{ pid: number; kill: () => Promise<unknown> }> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
  const exited = once(child, "exit");
  await once(child, "spawn");
  const kill = (): Promise<unknown> => {
    child.kill("SIGKILL");
    return exited;
  };
  onTestFinished(async () => {
    await kill();
  });
  return { pid: child.pid!, kill };
}

const CLEAN_STOP: StopReport = {
  exit: { kind: "exited", code: 0 },
  endedBefore: false,
  killed: false,
  survivors: [],
  exposedOn: [],
  tookMs: 5,
};

test("a running process, its group and an open port are all found", async () => {
  const { pid } = await startLeader();
  const { port, close } = await listen();
  const checks = await checkNothingIsLeft({ pid, host: HOST, port, vanishTimeoutMs: 100 }, CLEAN_STOP);
  await close();
  expect(checks).toEqual([
    { name: "process-gone", passed: false, detail: `process ${pid} still exists` },
    { name: "group-empty", passed: false, detail: `process group ${pid} still has processes` },
    { name: "port-closed", passed: false, detail: `port ${port} should refuse connections: it accepts them` },
  ]);
});

test("all checks pass when everything is gone", async () => {
  const { pid, kill } = await startLeader();
  const { port, close } = await listen();
  await Promise.all([kill(), close()]);
  const checks = await checkNothingIsLeft({ pid, host: HOST, port }, CLEAN_STOP);
  expect(checks.map(({ passed }) => passed)).toEqual([true, true, true]);
});

test("survivors that had to be killed are named", async () => {
  const { pid, kill } = await startLeader();
  await kill();
  const stopped = { ...CLEAN_STOP, survivors: [{ pid: 4711, command: "sleep 60" }] };
  const checks = await checkNothingIsLeft({ pid, host: HOST, port: 1 }, stopped);
  expect(checks[1]).toEqual({
    name: "group-empty",
    passed: false,
    detail: "left behind by the worker, and killed: 4711 (sleep 60)",
  });
});

test.for<[string, StopReport | Error | undefined, boolean]>([
  ["exit code 0", CLEAN_STOP, true],
  ["another exit code", { ...CLEAN_STOP, exit: { kind: "exited", code: 1 } }, false],
  ["a signal", { ...CLEAN_STOP, exit: { kind: "signalled", signal: "SIGSEGV" } }, false],
  ["a kill after the grace", { ...CLEAN_STOP, killed: true }, false],
  ["an error of stop()", new Error("a process outlived SIGKILL"), false],
  ["no process", undefined, false],
])("checkStop(): %s", ([, stopped, passed]) => expect(checkStop(stopped).passed).toBe(passed));
