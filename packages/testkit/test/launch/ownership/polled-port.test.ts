import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WorkerTestHarness, type ProgramOptions } from "../../../src/harness/index.js";
import { errorOf, findQuietPort, isRunning, startRunner, workerOptions } from "../helpers.js";

const onLinux = process.platform === "linux";

/** Another process, as the worker sees it: takes the ports that it is sent, the first `takeCount` of them. */
async function startBroker(takeCount: number): Promise<{ readonly port: number; readonly sent: readonly number[] }> {
  const sent: number[] = [];
  const squatters: Server[] = [];
  const broker = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", (data) => {
        sent.push(Number(data));
        if (sent.length > takeCount) return void socket.write("free");
        const squatter = createHttpServer((_, response) => void response.setHeader("connection", "close").end("{}"));
        squatters.push(squatter.listen(Number(data), "127.0.0.1", () => socket.write("taken")));
      });
  }).listen(0, "127.0.0.1");
  onTestFinished(async () => {
    await Promise.all([broker, ...squatters].map((server) => new Promise((resolve) => server.close(resolve))));
  });
  await new Promise((resolve) => broker.once("listening", resolve));
  return { port: (broker.address() as AddressInfo).port, sent };
}

const program = (broker: number, options: Partial<ProgramOptions>): ProgramOptions => ({
  ...workerOptions(["lets-another-listen", "{port}", String(broker)]),
  ...options,
});

describe.runIf(onLinux).each([{ kind: "http" }, { kind: "port" }] as const)("ready: $kind", (ready) => {
  test("another process that answers on a given port is WRONG_IDENTITY with its pid and command", async () => {
    const broker = await startBroker(99);
    const port = await findQuietPort();

    const error = await errorOf(WorkerTestHarness.launch(program(broker.port, { port, ready })));

    expect(error).toMatchObject({ code: "WRONG_IDENTITY", details: { owner: { pid: process.pid } } });
    expect(error.message).toContain(`Port ${port} on 127.0.0.1 belongs to another process, pid ${process.pid} (`);
    const { pid } = (error as unknown as { details: { pid: number } }).details;
    expect(pid).not.toBe(process.pid);
    expect(isRunning(pid)).toBe(false);
  });

  test("a reserved port taken by another process is replaced by another one", async () => {
    const broker = await startBroker(1);

    await using worker = await WorkerTestHarness.launch(program(broker.port, { ready }));

    expect(broker.sent).toHaveLength(2);
    expect(worker.port).toBe(broker.sent[1]);
    expect(worker.portOwner).toEqual({ status: "worker" });
  });

  test("`checkPortOwner: false` accepts a port that another process serves", async () => {
    const broker = await startBroker(99);

    await using worker = await WorkerTestHarness.launch(program(broker.port, { ready, checkPortOwner: false }));

    expect(worker.port).toBe(broker.sent[0]);
    expect(worker.portOwner).toBeUndefined();
  });
});

test.runIf(onLinux)("a process that takes every port is eventually an error", async () => {
  const broker = await startBroker(99);

  const error = await errorOf(WorkerTestHarness.launch(program(broker.port, { ready: { kind: "http" } })));

  expect(error).toMatchObject({ code: "WRONG_IDENTITY" });
  expect(broker.sent).toHaveLength(6);
});

test.skipIf(process.getuid?.() !== 0)("an unreadable owner is a warning, and `portOwner` has it", async () => {
  const warnings: unknown[] = [];
  const spy = vi.spyOn(process, "emitWarning").mockImplementation((...args: unknown[]) => void warnings.push(args));
  const broker = Number(await startRunner("takes-ports", []).nextLine("broker "));
  const port = await findQuietPort();
  process.seteuid!(65_534); // as a test runner that is not root
  onTestFinished(() => {
    process.seteuid!(0);
    spy.mockRestore();
  });

  await using worker = await WorkerTestHarness.launch(program(broker, { port, ready: { kind: "port" } }));
  process.seteuid!(0);

  expect(worker.portOwner).toMatchObject({ status: "unverified" });
  expect(warnings).toEqual([
    [
      expect.stringContaining(`Nothing proves that the worker itself answers on 127.0.0.1:${port}: `) as string,
      expect.objectContaining({ code: "PORT_OWNER_UNVERIFIED" }),
    ],
  ]);
});
