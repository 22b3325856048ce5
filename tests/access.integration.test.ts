import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { collectStream, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { readWhole } from "./support/evidence.js";
import { startRunner } from "./support/runner.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

/** The address of a control listener with its token: 256 bits in base64url. */
const WITH_TOKEN = /127\.0\.0\.1:\d+\/[\w-]{43}/;

/** How a small job of this worker ends. */
async function endOfJob(worker: WorkerTestHarness): Promise<string> {
  const stream = await collectStream(await worker.execute(makeTestRequest("job", "Hello", 3)));
  return stream.outcome.status;
}

describe("access to a worker", () => {
  test.each(["127.0.0.1", "localhost"])("attach() to a worker on loopback as %s", async (host) => {
    await using worker = await WorkerTestHarness.startMock();
    await using attached = await WorkerTestHarness.attach(`http://${host}:${worker.port}`);
    expect(attached.workerId).toBe(worker.workerId);
    expect(await endOfJob(attached)).toBe("complete");
    expect((await attached.cancel("job")).state).toBe("finished");
  });

  test.each(["::1", "0.0.0.0", "::"])("the harness that started a worker on %s, and attach() to it", async (host) => {
    await using worker = await WorkerTestHarness.startMock({ host });
    expect(await endOfJob(worker)).toBe("complete");
    await using attached = await WorkerTestHarness.attach(worker.baseUrl);
    expect(await endOfJob(attached)).toBe("complete");
  });

  test("a FaultProxy, which passes the Host on, in front of an address and of a name", async () => {
    await using worker = await WorkerTestHarness.startMock();
    for (const target of [worker, `http://localhost:${worker.port}`]) {
      await using proxy = await FaultProxy.inFrontOf(target);
      expect(await endOfJob(proxy.worker)).toBe("complete");
      const foreign = await proxy.worker.request("/health", { headers: { host: "evil.example" } });
      expect(foreign.status).toBe(403);
      expect(await foreign.json()).toMatchObject({ code: "FORBIDDEN" });
    }
  });

  test("shutdown() through attach()", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using attached = await WorkerTestHarness.attach(`http://localhost:${worker.port}`);
    await attached.shutdown();
    expect(await worker.waitForExit()).toMatchObject({ kind: "exited", code: 0 });
  });
});

describe("the token of the control listener", () => {
  test("is in no log line, property or evidence, and faults can still be armed", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await WorkerTestHarness.startMock();
    await worker.recordTo(folder.path);
    await worker.faults.arm([{ id: "hangs", optional: true }]);
    expect(await worker.faults.accounts()).toHaveLength(1);
    expect((await worker.journal()).jobs).toEqual([]);
    expect(await endOfJob(worker)).toBe("complete");
    expect(worker.logs.text()).toContain("/[hidden]");
    expect(worker.logs.text()).not.toMatch(WITH_TOKEN);
    expect(inspect(worker, { depth: Infinity, showHidden: true, getters: true })).not.toMatch(WITH_TOKEN);
    await worker.stop();
    const whole = await readWhole(folder.path);
    expect(whole).toContain("/[hidden]");
    expect(whole).not.toMatch(WITH_TOKEN);
  });

  test("is in no error of a worker that died or hangs", async () => {
    const worker = await WorkerTestHarness.startMock();
    process.kill(worker.pid!, "SIGSTOP");
    const late: unknown = await worker.faults.accounts().catch((error: unknown) => error);
    process.kill(worker.pid!, "SIGKILL");
    await worker.waitForExit();
    const dead: unknown = await worker.faults.arm([{ id: "hangs" }]).catch((error: unknown) => error);
    const stopped: unknown = await worker.stop().catch((error: unknown) => error);
    expect(dead).toMatchObject({ code: "PROCESS_DIED" });
    expect((dead as Error).message).toContain("[hidden]");
    for (const error of [late, dead, stopped]) {
      expect(String((error as Error | undefined)?.stack) + inspect(error, { depth: Infinity })).not.toMatch(WITH_TOKEN);
    }
  });

  test("is not echoed with INFERENCE_TESTKIT_LOG=debug", async () => {
    await using runner = startRunner("one-mock-worker", [], { INFERENCE_TESTKIT_LOG: "debug" });
    await runner.line("pid ");
    runner.send("stop");
    expect(await runner.exited).toBe(0);
    expect(runner.errors()).toContain("/[hidden]");
    expect(runner.errors()).not.toMatch(WITH_TOKEN);
  });
});
