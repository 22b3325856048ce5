import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { isTestkitError, WorkerTestHarness, type MockWorkerOptions } from "inference-testkit";
import { assertRecovers, FaultProxy } from "inference-testkit/faults";
import { isRunning, rejectionOf, waitFor } from "./support/conditions.js";
import { describeEngines } from "./support/engines.js";
import { foreignWorker, inlineProgram } from "./support/foreign.js";
import { collect, complete, makeRequest } from "./support/jobs.js";

const SLOW: MockWorkerOptions = { stub: { timing: { itlMs: 5 } } };

describeEngines((engine) => {
  test("a worker that is killed in the middle of a stream serves again after a restart, on the same port", async () => {
    await using worker = await engine.startSlow();
    const { port, pid, workerId } = worker;

    const recovery = await assertRecovers(
      worker,
      { id: "kill", at: { afterTokens: 3 } },
      { withinMs: 25_000, request: makeRequest({ max_tokens: 300 }), recover: () => worker.restart() },
    );

    expect(recovery).toMatchObject({ attempts: 1, faultOutcome: { status: "transport-error" } });
    expect(recovery.recoveredAfterMs).toBeGreaterThan(0);
    expect(worker).toMatchObject({ port, workerId });
    expect(worker.pid).not.toBe(pid);
    expect((await worker.health()).worker_id).toBe(workerId);
  });

  test("a paused worker serves again once it is resumed", async () => {
    await using worker = await engine.startSlow();

    const { faultOutcome } = await assertRecovers(
      worker,
      { id: "pause", at: { afterTokens: 2 } },
      {
        withinMs: 25_000,
        request: makeRequest({ max_tokens: 700 }),
        timeouts: { tokenIdleMs: 1_000 },
        recover: () => worker.resume(),
      },
    );

    expect(faultOutcome).toMatchObject({ status: "limit-exceeded", limit: "tokenIdleMs" });
  });
});

describe("assertRecovers()", () => {
  test("an engine fault ends one job, and the next one is ok", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const recovery = await assertRecovers(worker, { id: "vram-oom", at: { afterTokens: 5 } }, { withinMs: 10_000 });

    expect(recovery).toMatchObject({ attempts: 1, faultOutcome: { status: "worker-error", code: "VRAM_OOM" } });
    expect(await worker.faults.accounts()).toMatchObject([{ matched: 1, fired: 1 }]);
  });

  test("an exit is detected in the log, although the process can no longer report it", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const { faultOutcome } = await assertRecovers(
      worker,
      { id: "exit", at: { afterTokens: 2 } },
      { withinMs: 20_000, recover: () => worker.restart() },
    );

    expect(faultOutcome?.status).toBe("transport-error");
  });

  test("the same fault after a restart is timed from when it fires again", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const exitAndRestart = () =>
      assertRecovers(worker, { id: "exit" }, { withinMs: 20_000, recover: () => worker.restart() });
    await exitAndRestart();
    await setTimeout(300);
    const againAtMs = performance.now();

    const { recoveredAfterMs } = await exitAndRestart();

    expect(recoveredAfterMs).toBeLessThanOrEqual(performance.now() - againAtMs);
  });

  test("a hanging job is aborted when the time is up, if its own limits do not end it", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const error = await rejectionOf(assertRecovers(worker, { id: "hang" }, { withinMs: 300 }));

    expect(isTestkitError(error, "NOT_RECOVERED")).toBe(true);
    expect(error.message).toContain("after `hang`, no job was ok within 300 ms");
  });

  test("for a function, the time starts with its call", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const recovery = await assertRecovers(worker, () => worker.pause({ forMs: 200 }), { withinMs: 10_000 });

    expect(recovery).toMatchObject({ faultOutcome: undefined });
    expect(recovery.recoveredAfterMs).toBeGreaterThan(150);
  });

  test("a network that works again is also a recovery", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using proxy = await FaultProxy.inFrontOf(worker);

    const recovery = await assertRecovers(proxy.worker, () => proxy.faults.arm([{ id: "rst", when: { first: 3 } }]), {
      withinMs: 10_000,
    });

    expect(recovery.attempts).toBe(4);
  });

  test("a worker that stays broken is NOT_RECOVERED, with the last failure", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const breakForGood = () => worker.faults.arm([{ id: "inference-failed" }]);

    const error = await rejectionOf(assertRecovers(worker, breakForGood, { withinMs: 300 }));

    expect(isTestkitError(error, "NOT_RECOVERED")).toBe(true);
    expect(error.message).toMatch(
      /no job was ok within 300 ms; the last failure of \d+: worker-error, .*INFERENCE_FAILED/,
    );
  });

  test("a job that is cut because the time is up does not hide the failure before it", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const breakTwice = () =>
      worker.faults.arm([
        { id: "inference-failed", match: { jobId: "*-again-1" } },
        { id: "hang", match: { jobId: "*-again-2" } },
      ]);

    const error = await rejectionOf(assertRecovers(worker, breakTwice, { withinMs: 1_000 }));

    expect(error.message).toMatch(/the last failure of 2: worker-error, .*INFERENCE_FAILED/);
  });

  test("a worker that ended and is not restarted is NOT_RECOVERED immediately, with a hint", async () => {
    await using worker = await WorkerTestHarness.startMock(SLOW);

    const error = await rejectionOf(assertRecovers(worker, { id: "kill" }, { withinMs: 25_000 }));

    expect(isTestkitError(error, "NOT_RECOVERED")).toBe(true);
    expect(error.message).toContain("the worker ended and was not started again");
    expect(error.message).toContain("recover: () => worker.restart()");
  });

  test("a `recover` that fails is NOT_RECOVERED, with its reason", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const recover = () => Promise.reject(new Error("no spare parts"));

    const error = await rejectionOf(assertRecovers(worker, { id: "vram-oom" }, { withinMs: 10_000, recover }));

    expect(isTestkitError(error, "NOT_RECOVERED")).toBe(true);
    expect(error.message).toContain("`recover` failed after `vram-oom`: no spare parts");
  });

  test("a fault that never fired is not a recovery, and is reported once", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const late = { id: "vram-oom", at: { afterTokens: 500 } } as const;

    const error = await rejectionOf(assertRecovers(worker, late, { withinMs: 10_000 }));

    expect(isTestkitError(error, "FAULT_NEVER_FIRED")).toBe(true);
    expect(error.message).toContain("vram-oom#1: matched 1, bypassed 1");
  });

  test("a fault that never fired is reported once, even if the worker is restarted afterwards", async () => {
    const worker = await WorkerTestHarness.startMock();
    const late = { id: "vram-oom", at: { afterTokens: 500 } } as const;
    await rejectionOf(assertRecovers(worker, late, { withinMs: 10_000 }));

    await worker.restart();

    expect(await worker.stop()).toMatchObject({ killed: false });
  });

  test("a paused worker is not queried for the records of other faults", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 10 } } });
    await worker.faults.arm([{ id: "slow", itlMs: 1, optional: true }]);
    const pause = { id: "pause", at: { afterTokens: 2 } } as const;
    const options = { withinMs: 25_000, timeouts: { tokenIdleMs: 200 }, recover: () => worker.resume() };

    expect((await assertRecovers(worker, pause, options)).recoveredAfterMs).toBeLessThan(25_000);
  });

  test.each([
    [{ withinMs: 0 }, "withinMs"],
    [{ withinMs: 10, request: null }, "request.job_id"],
    [{ withinMs: 10, request: { prompt: "Hello" } }, "request.job_id"],
    [{ withinMs: 10, recovr: 1 }, "recovr"],
    [{ withinMs: 10, recover: 5 }, "recover"],
    [{ withinMs: 10, timeouts: { tokenIdleMs: -1 } }, "tokenIdleMs"],
  ])("%j is rejected", async (options, name) => {
    await using worker = await WorkerTestHarness.startMock();

    const error = await rejectionOf(assertRecovers(worker, { id: "hang" }, options as never));

    expect(isTestkitError(error, "INVALID_OPTION")).toBe(true);
    expect(error.message).toContain(name);
  });
});

describe("restart()", () => {
  test("keeps port, id and options, and the old log", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { content: "counter" } });
    const before = await complete(worker);
    const { port, workerId } = worker;

    const tookMs = await worker.restart();

    expect(tookMs).toBe(worker.readyAfterMs);
    expect(worker).toMatchObject({ port, workerId });
    expect((await complete(worker)).text).toBe(before.text);
    expect(worker.previousLogs).toHaveLength(1);
    expect(worker.previousLogs[0]!.text()).toContain('"event":"shutdown"');
    expect(worker.logs.text()).not.toContain('"event":"shutdown"');
  });

  test.skipIf(process.platform !== "linux")("passes the program the number of its start", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const readStart = () =>
      /INFERENCE_TESTKIT_START=(\d+)/.exec(readFileSync(`/proc/${worker.pid}/environ`, "latin1"))?.[1];
    const starts = [readStart()];
    for (let again = 0; again < 2; again += 1) {
      await worker.restart();
      starts.push(readStart());
    }

    expect(starts).toEqual(["1", "2", "3"]);
  });

  test("arms the faults of the start again, and keeps the records of the old process", async () => {
    const faults = [{ id: "vram-oom", when: { nth: 1 } }] as const;
    await using worker = await WorkerTestHarness.startMock({ stub: { faults } });
    await worker.faults.arm([{ id: "slow", itlMs: 1 }]);
    await collect(worker);
    await complete(worker);

    await worker.restart();

    expect(await worker.faults.accounts()).toMatchObject([
      { key: "vram-oom#1@1", fired: 1 },
      { key: "slow#1@1", matched: 2, fired: 1 },
      { key: "vram-oom#1", fired: 0 },
    ]);
  });

  test("a fault that was lost with the process must still have fired", async () => {
    const worker = await WorkerTestHarness.startMock();
    await worker.faults.arm([{ id: "hang" }]);
    await worker.restart();

    expect((await rejectionOf(worker.stop())).message).toContain("hang#1@1: no request matched");
  });

  test("expects the end of the old process, not that of the new one", async () => {
    const worker = await WorkerTestHarness.startMock();
    await worker.restart();
    process.kill(worker.pid!, "SIGSEGV");
    await waitFor("the end", () => worker.exitInfo);

    expect((await rejectionOf(worker.stop())).message).toContain("SIGSEGV");
  });

  test("leaves nothing of a paused worker", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const pid = worker.pid!;
    worker.pause();

    await worker.restart();

    expect(isRunning(pid)).toBe(false);
    await complete(worker);
  });

  test("passes a program the same port again", async () => {
    await using worker = await WorkerTestHarness.launch(foreignWorker());
    const { port } = worker;
    worker.kill("SIGKILL");
    await worker.waitForExit();

    await worker.restart();

    expect(worker.port).toBe(port);
    expect((await collect(worker, { prompt: "complete" })).outcome.status).toBe("complete");
  });

  test("is rejected for a program that chooses its own port, an attached worker and a stopped worker", async () => {
    const source = `require("node:http").createServer((_, r) => r.end("{}")).listen(0, "127.0.0.1", function () {
      console.log("on port " + this.address().port) })`;
    const ready = { kind: "log", pattern: /on port (?<port>\d+)/ } as const;
    const chooses = await WorkerTestHarness.launch(inlineProgram(source, { ready }));
    await using attached = await WorkerTestHarness.attach(chooses.baseUrl, { dialect: "orcd" });

    expect((await rejectionOf(chooses.restart())).message).toContain("chooses its own port");
    expect(chooses.exitInfo).toBeUndefined();
    expect((await rejectionOf(attached.restart())).message).toContain("got an attached one");
    await chooses.stop();
    expect((await rejectionOf(chooses.restart())).message).toContain("got a stopped one");
  });

  test("a failed start leaves no process and reports the reason", async () => {
    const worker = await WorkerTestHarness.startMock();
    worker.kill("SIGKILL");
    await worker.waitForExit();
    const stranger = createServer().listen(worker.port, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));

    const error = await rejectionOf(worker.restart());

    expect(isTestkitError(error, "PROCESS_DIED")).toBe(true);
    expect(error.message).toContain("PORT_IN_USE");
    expect((stranger.address() as AddressInfo).port).toBe(worker.port);
    await new Promise((resolve) => stranger.close(resolve));
    await worker.stop();
  });

  test("is ended by stop(), and cannot run twice at a time", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { startupDelayMs: 500 } });
    const restart = rejectionOf(worker.restart());

    const second = await rejectionOf(worker.restart());
    await worker.stop();

    expect(isTestkitError(second, "INVALID_OPTION")).toBe(true);
    expect((await restart).message).toBe("the worker was stopped while it was being restarted");
  });

  test("can be aborted and has a time-out", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { startupDelayMs: 150 } });

    expect(isTestkitError(await rejectionOf(worker.restart({ readyTimeoutMs: 50 })), "READY_TIMEOUT")).toBe(true);
    expect((await rejectionOf(worker.restart({ signal: AbortSignal.abort(new Error("enough")) }))).message).toBe(
      "enough",
    );
    await worker.restart();
    await complete(worker);
    await worker.stop();
  });
});
