import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import type { FaultIdOf, FaultSpec } from "worker-orcd-control";
import { expect, onTestFinished, test } from "vitest";
import { START_NUMBER_VARIABLE } from "../../src/faults/index.js";
import type { StartFaultId } from "../../src/faults/start-faults.js";
import { Control } from "../support/control.js";
import { execute, health, readEvents, typesOf } from "../support/requests.js";
import { waitFor } from "../support/wait-for.js";
import { spawnWorker, stub, type WorkerProcess } from "../support/worker-process.js";

function spawnWith(fault: FaultSpec<FaultIdOf<"stub">>, env: Record<string, string> = {}): WorkerProcess {
  return spawnWorker(["--port", "0", "--stub-mode", ...stub({ faults: [fault] })], { env });
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  const connected = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return connected;
}

const firedOnce = (worker: WorkerProcess, fault: string) =>
  expect(worker.linesOf("fault_fired")).toEqual([{ event: "fault_fired", fault }]);

const CHECKS: Readonly<Record<StartFaultId, () => Promise<void>>> = {
  "crash-on-start": async () => {
    const fault = { id: "crash-on-start", code: 9, starts: 2 } as const;
    for (const start of ["1", "2"]) {
      const worker = spawnWith(fault, { [START_NUMBER_VARIABLE]: start });
      expect(await worker.exited).toEqual({ code: 9, signal: null });
      firedOnce(worker, "crash-on-start#1");
    }
    const third = spawnWith(fault, { [START_NUMBER_VARIABLE]: "3" });
    await third.waitForLine("ready");
    const bypassed = { "this is start 3, after the first 2": 1 };
    expect(await new Control(third).account("crash-on-start#1")).toMatchObject({ matched: 1, fired: 0, bypassed });
  },
  "never-ready": async () => {
    const worker = spawnWith({ id: "never-ready" });
    await worker.waitForLine("fault_fired");
    firedOnce(worker, "never-ready#1");
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.linesOf("ready")).toEqual([]);
  },
  "port-in-use": async () => {
    const worker = spawnWith({ id: "port-in-use" });
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(worker.line("error")).toMatchObject({ code: "PORT_IN_USE" });
    firedOnce(worker, "port-in-use#1");
  },
  "stdout-flood": async () => {
    const worker = spawnWith({ id: "stdout-flood", bytes: 300_000 });
    await worker.waitForLine("ready");
    expect(worker.stdout.indexOf('"event":"ready"')).toBeGreaterThan(300_000);
    firedOnce(worker, "stdout-flood#1");
    expect(typesOf(await readEvents(await execute(worker))).at(-1)).toBe("end");
  },
  "grandchild-holds-port": async () => {
    const worker = spawnWith({ id: "grandchild-holds-port" });
    const port = (await worker.waitForLine("ready"))["port"] as number;
    const children = spawnSync("pgrep", ["-P", String(worker.child.pid)], { encoding: "utf8" }).stdout;
    onTestFinished(() => void process.kill(Number(children), "SIGKILL"));
    firedOnce(worker, "grandchild-holds-port#1");
    expect(typesOf(await readEvents(await execute(worker))).at(-1)).toBe("end");
    await worker.stop();
    expect(await canConnect(port)).toBe(true);
  },
  "ignores-sigterm": async () => {
    const worker = spawnWith({ id: "ignores-sigterm" });
    await worker.waitForLine("ready");
    const control = new Control(worker);
    expect(await control.account("ignores-sigterm#1")).toMatchObject({ matched: 1, fired: 0 });
    for (const signal of ["SIGTERM", "SIGINT", "SIGTERM"] as const) worker.signal(signal);
    await control.waitForFired("ignores-sigterm#1");
    expect(typesOf(await readEvents(await execute(worker))).at(-1)).toBe("end");
    expect(await control.account("ignores-sigterm#1")).toMatchObject({ matched: 1, fired: 1 });
  },
  "ready-too-early": async () => {
    const worker = spawnWith({ id: "ready-too-early", ms: 800 });
    const port = (await worker.waitForLine("ready"))["port"] as number;
    expect(await canConnect(port)).toBe(false);
    firedOnce(worker, "ready-too-early#1");
    await waitFor("the answer", () =>
      health(worker).then(
        ({ status }) => status === "healthy",
        () => false,
      ),
    );
    expect(worker.linesOf("ready")).toHaveLength(1);
  },
};

test.each(Object.entries(CHECKS))("%s", (_id, check) => check());

test.each<FaultSpec<StartFaultId>>(Object.keys(CHECKS).map((id) => ({ id }) as FaultSpec<StartFaultId>))(
  "%o cannot be armed later",
  async (fault) => {
    const worker = await spawnReady();
    const control = new Control(worker);
    const response = await control.send("POST", "/faults", { faults: [{ id: "hangs" }, fault] });
    expect(response.status).toBe(400);
    const message = `\`faults[1]\`: ${fault.id} happens while the worker starts: set it in --stub-config`;
    expect(await response.json()).toMatchObject({ code: "INVALID_REQUEST", message });
    expect(await control.accounts()).toEqual([]);
  },
);

async function spawnReady(): Promise<WorkerProcess> {
  const worker = spawnWorker(["--port", "0", "--stub-mode"]);
  await worker.waitForLine("ready");
  return worker;
}

test("ready-too-early stops in time even if nothing is listening yet", async () => {
  const worker = spawnWith({ id: "ready-too-early" });
  await worker.waitForLine("ready");
  worker.signal("SIGTERM");
  expect(await worker.exited).toEqual({ code: 0, signal: null });
});

test("a start delay is not a fault: unhealthy until it is ready", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const worker = spawnWorker(["--port", String(port), "--stub-mode", ...stub({ readyAfterMs: 1_500 })]);
  await waitFor("the socket", () => canConnect(port));
  const early = await fetch(`http://127.0.0.1:${port}/health`);
  expect([early.status, await early.json()]).toMatchObject([503, { status: "unhealthy" }]);
  expect(worker.linesOf("ready")).toEqual([]);
  await worker.waitForLine("ready");
  expect(await health(worker)).toMatchObject({ status: "healthy" });
});
