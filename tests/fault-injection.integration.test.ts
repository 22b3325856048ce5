import { describe, expect, test } from "vitest";
import {
  assertAllOk,
  collectStream,
  extractText,
  isTestkitError,
  makeTestRequest,
  WorkerTestHarness,
  type MockWorkerOptions,
} from "inference-testkit";
import { FaultProxy, type WorkerFaultSpec } from "inference-testkit/faults";
import { isRunning, rejectionOf, waitFor } from "./support/conditions.js";
import { describeEngines } from "./support/engines.js";
import { foreignWorker, supportFile } from "./support/foreign.js";
import { collect, complete, makeRequest } from "./support/jobs.js";

/** Slow enough that the reader of a job of 20 tokens sees each of them arrive, on a busy machine too. */
const SLOW: MockWorkerOptions = { stub: { timing: { itlMs: 20 } } };

/** The refusal of faults that cannot be armed. */
async function refusal(worker: WorkerTestHarness, faults: readonly unknown[]): Promise<Error> {
  const error = await rejectionOf(worker.faults.arm(faults as WorkerFaultSpec[]));
  expect(isTestkitError(error, "INVALID_OPTION")).toBe(true);
  return error;
}

test("the worker runs out of memory at token 5, and the next job works", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 5 }, when: { nth: 1 } }]);

  const failed = await collect(worker);
  const next = await complete(worker);

  expect(failed.outcome).toMatchObject({ status: "worker-error", terminal: { code: "VRAM_OOM", retriable: true } });
  expect(failed.events.filter(({ type }) => type === "token")).toHaveLength(5);
  expect(next.tokens).toHaveLength(20);
});

test("the network dies in the middle of a character", async () => {
  await using worker = await WorkerTestHarness.startMock({ stub: { content: { script: ["Party ", "🎉", "!"] } } });
  const body = Buffer.from(await (await worker.execute(makeTestRequest("job-1", "Hello", 3))).text());
  const middle = body.indexOf("🎉") + 2;
  await using proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "rst", at: { afterBytes: middle } }] });

  const { outcome, events } = await collectStream(await proxy.worker.execute(makeTestRequest("job-2", "Hello", 3)));

  expect(outcome).toMatchObject({ status: "transport-error", byteOffset: middle });
  expect(extractText(events)).toBe("Party ");
});

describe("arming", () => {
  test("returns a key for every fault, and the records report what happened to it", async () => {
    await using worker = await WorkerTestHarness.startMock(SLOW);
    const keys = await worker.faults.arm([
      { id: "vram-oom", match: { jobId: "a" } },
      { id: "kill", match: { jobId: "b" }, at: { afterTokens: 3 } },
      { id: "vram-oom", match: { jobId: "never" }, optional: true },
    ]);

    await collect(worker, { job_id: "a" });
    await collect(worker, { job_id: "b" });

    expect(keys).toEqual(["vram-oom#1", "kill#1", "vram-oom#2"]);
    expect(await worker.faults.accounts()).toMatchObject([
      { key: "vram-oom#1", matched: 1, fired: 1 },
      { key: "kill#1", matched: 1, fired: 1 },
      { key: "vram-oom#2", matched: 0, fired: 0, optional: true },
    ]);
  });

  test.each([
    [[{ id: "vram-oops" }], "Expected `faults[0].id` to be one of"],
    [[{ id: "kill" }, { id: "vram-oom", at: { afterBytes: 3 } }], "faults[1].at"],
    [[{ id: "kill" }, { id: "hang", at: { afterTokens: -1 } }], "faults[1].at"],
    [[{ id: "hang" }, { id: "kill", signal: "SIGSTOP" }], "faults[1].signal"],
    [[{ id: "hang" }, { id: "pause", forMs: -5 }], "faults[1].forMs"],
    [[{ id: "hang" }, { id: "rst" }], "needs the proxy"],
    [[{ id: "hang" }, { id: "disk-full" }], "needs the host"],
    [[{ id: "hang" }, { id: "never-ready" }], "belongs to the start"],
    ["hang" as never, "an array of faults"],
  ])("%j is rejected, and nothing is armed", async (faults, reason) => {
    await using worker = await WorkerTestHarness.startMock();

    expect((await refusal(worker, faults)).message).toContain(reason);
    expect(await worker.faults.accounts()).toEqual([]);
  });

  test("the compiler knows every fault with its parameters and points", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const wrong: WorkerFaultSpec[] = [
      // @ts-expect-error an id that is unknown
      { id: "vram-oops" },
      // @ts-expect-error a parameter of another fault
      { id: "vram-oom", forMs: 5 },
      // @ts-expect-error a point that the stub does not see
      { id: "vram-oom", at: { afterBytes: 5 } },
      // @ts-expect-error what a proxy provides
      { id: "rst" },
    ];

    for (const fault of wrong) await refusal(worker, [fault]);
  });

  test("a stub fault is rejected on a worker that is not in stub mode, with the alternative", async () => {
    await using worker = await WorkerTestHarness.launch(foreignWorker());
    await using attached = await WorkerTestHarness.attach(worker.baseUrl);

    const error = await refusal(worker, [{ id: "kill" }, { id: "vram-oom" }]);
    const kill = await refusal(attached, [{ id: "kill" }]);

    expect(error.message).toContain("`vram-oom`");
    expect(error.message).toContain("without a control listener");
    expect(error.message).toContain("FaultProxy");
    expect(kill.message).toContain("got an attached one");
    expect(await worker.faults.accounts()).toEqual([]);
  });

  test("a disarmed fault no longer happens, and its record is kept", async () => {
    await using worker = await WorkerTestHarness.startMock(SLOW);
    const [oom, kill] = await worker.faults.arm([
      { id: "vram-oom", optional: true },
      { id: "kill", optional: true },
    ]);

    await worker.faults.disarm([oom!, kill!]);
    await complete(worker);

    expect(await worker.faults.accounts()).toMatchObject([{ matched: 0 }, { matched: 0 }]);
  });

  test("the stub is reconfigured while it runs, and its journal records what it sent", async () => {
    await using worker = await WorkerTestHarness.startMock();

    await worker.stub.configure({ content: { script: ["one", "two"] } });
    const { text } = await complete(worker, { job_id: "scripted" });
    const { jobs } = await worker.journal("scripted");

    expect(text).toBe("onetwo");
    expect(jobs).toHaveLength(1);
    expect(jobs[0]!.entries.map(({ kind }) => kind)).toContain("end");
    await expect(worker.stub.configure({ content: "nonsense" } as never)).rejects.toThrow(/content/);
  });
});

describe("a fault that never fired fails the test", () => {
  test("that no request matched", async () => {
    const worker = await WorkerTestHarness.startMock();
    await worker.faults.arm([{ id: "hang" }, { id: "slow", optional: true }, { id: "kill" }]);

    const error = await rejectionOf(worker.stop());

    expect(isTestkitError(error, "FAULT_NEVER_FIRED")).toBe(true);
    expect(error.message).toContain("2 faults armed at the worker never fired:");
    expect(error.message).toContain("hang#1: no request matched");
    expect(error.message).toContain("kill#1: no request matched");
  });

  test("whose point the job did not reach, with the reason", async () => {
    const worker = await WorkerTestHarness.startMock();
    await worker.faults.arm([
      { id: "vram-oom", at: { afterTokens: 10 } },
      { id: "kill", at: { afterTokens: 10 } },
    ]);
    await complete(worker, { max_tokens: 5 });

    const { message } = await rejectionOf(worker.stop());

    expect(message).toMatch(/vram-oom#1: matched 1, bypassed 1 \(.+\)/);
    expect(message).toContain(
      "kill#1: matched 1, bypassed 1 (the stream ended with token 5, before the fault could happen)",
    );
  });

  test("that was set at the start", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "hang", when: { nth: 2 } }] } });
    await complete(worker);

    expect((await rejectionOf(worker.stop())).message).toContain("left out all 1 requests that matched");
  });

  test("even if the worker has ended in the meantime", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "hang" }] } });
    worker.kill("SIGKILL");
    await worker.waitForExit();

    expect((await rejectionOf(worker.stop())).message).toContain("hang#1: no request matched");
  });

  test("even if the worker is paused, without delaying the end", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "hang" }] } });
    process.kill(worker.pid!, "SIGSTOP");
    const startedAt = performance.now();

    expect((await rejectionOf(worker.stop())).message).toContain("hang#1");
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  test("and an unexpected end of the worker is reported first", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "hang" }] } });
    process.kill(worker.pid!, "SIGSEGV");
    await waitFor("the end", () => worker.exitInfo);

    const error = await rejectionOf(worker.stop());

    expect(error.message).toContain("[PROCESS_DIED]");
    expect((error as AggregateError).errors.map((each: { code: string }) => each.code)).toEqual([
      "PROCESS_DIED",
      "FAULT_NEVER_FIRED",
    ]);
  });

  test("and the error of the test is not lost", async () => {
    const run = async (): Promise<void> => {
      await using worker = await WorkerTestHarness.startMock();
      await worker.faults.arm([{ id: "hang" }]);
      throw new Error("what the test found");
    };

    const error = (await rejectionOf(run())) as Error & { error: Error; suppressed: Error };

    expect(error.suppressed.message).toBe("what the test found");
    expect(error.error.message).toContain("[FAULT_NEVER_FIRED]");
    expect(error.error.message.split("\n").length).toBeLessThan(6);
  });
});

describe("exit", () => {
  test("is counted from the log of the process, and the end is expected", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await worker.faults.arm([{ id: "exit", code: 7, at: { afterTokens: 2 } }]);

    const { outcome } = await collect(worker);

    expect(outcome.status).toBe("transport-error");
    expect((await rejectionOf(worker.execute(makeRequest()))).message).toContain("exit code 7");
    expect(await worker.faults.accounts()).toMatchObject([{ key: "exit#1", matched: 1, fired: 1 }]);
  });

  test("set at the start is also counted", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "exit" }] } });

    expect((await collect(worker)).outcome.status).toBe("transport-error");
  });

  test("at the start is reported once, by the start", async () => {
    const faults = [{ id: "crash-on-start", starts: 1, code: 9 }] as const;
    const error = await rejectionOf(WorkerTestHarness.startMock({ stub: { faults } }));
    await using second = await WorkerTestHarness.startMock({ stub: { faults }, env: { INFERENCE_TESTKIT_START: "2" } });

    expect(error.message).toContain("exit code 9");
    await complete(second);
  });

  test("a fault that fires during the stop is counted from the log", async () => {
    const faults = [{ id: "ignores-sigterm" }] as const;
    const worker = await WorkerTestHarness.startMock({ stub: { faults }, stopGraceMs: 100 });

    expect(await worker.stop()).toMatchObject({ killed: true });
  });
});

describeEngines((engine) => {
  test("kill: the stream breaks, the next call names the signal, and the end is expected", async () => {
    await using worker = await engine.startSlow();
    await worker.faults.arm([{ id: "kill", at: { afterTokens: 3 } }]);

    const { outcome, events } = await collect(worker, { max_tokens: 2_000 });

    expect(outcome.status).toBe("transport-error");
    expect(events.filter(({ type }) => type === "token").length).toBeGreaterThanOrEqual(3);
    expect((await rejectionOf(worker.execute(makeRequest()))).message).toContain("[PROCESS_DIED]");
    expect(await worker.waitForExit()).toEqual({ kind: "signalled", signal: "SIGKILL" });
    expect(await worker.faults.accounts()).toMatchObject([{ key: "kill#1", fired: 1 }]);
  });

  test("pause: no further token arrives until the process is resumed", async () => {
    await using worker = await engine.startSlow();
    await worker.faults.arm([{ id: "pause", at: { afterTokens: 3 }, times: 1 }]);

    const stuck = await collect(worker, { max_tokens: 2_000 }, { tokenIdleMs: 300 });
    worker.resume();

    expect(stuck.outcome).toMatchObject({ status: "limit-exceeded", limit: "tokenIdleMs" });
    await complete(worker);
  });

  test("pause for a time is a pause in a complete stream", async () => {
    await using worker = await engine.startSlow();
    await worker.faults.arm([{ id: "pause", at: { afterTokens: 3 }, forMs: 300 }]);

    const { outcome, arrivals } = await collect(worker, { max_tokens: 300 });

    expect(outcome.status).toBe("complete");
    const gaps = arrivals.slice(1).map((arrival, index) => arrival - arrivals[index]!);
    expect(Math.max(...gaps)).toBeGreaterThan(250);
  });
});

describe("a process fault", () => {
  test("happens by time, and at the headers", async () => {
    await using worker = await WorkerTestHarness.startMock(SLOW);
    await worker.faults.arm([
      { id: "pause", forMs: 20, match: { jobId: "headers" } },
      { id: "kill", signal: "SIGABRT", at: { afterMs: 50 }, match: { jobId: "time" } },
    ]);

    expect((await collect(worker, { job_id: "headers" })).outcome.status).toBe("complete");
    expect((await collect(worker, { job_id: "time", max_tokens: 2_000 })).outcome.status).toBe("transport-error");
    expect(await worker.waitForExit()).toEqual({ kind: "signalled", signal: "SIGABRT" });
  });

  test("is selected by `when`, even among many concurrent jobs", async () => {
    await using worker = await WorkerTestHarness.startMock({ ...SLOW, parallel: 4 });
    await worker.faults.arm([{ id: "pause", forMs: 20, when: { every: 2 }, at: { afterTokens: 2 } }]);

    assertAllOk(await worker.executeAll([1, 2, 3, 4].map((n) => makeRequest({ job_id: `many-${n}` }))));

    expect(await worker.faults.accounts()).toMatchObject([{ matched: 2, fired: 2, skipped: 2 }]);
  });

  test("is bypassed by a rejected job and by one whose stream is not read", async () => {
    const worker = await WorkerTestHarness.startMock(SLOW);
    await worker.faults.arm([{ id: "kill", at: { afterTokens: 3 } }]);
    await (await worker.execute(makeRequest({ prompt: "" }))).text();
    await worker.execute(makeRequest());

    const { message } = await rejectionOf(worker.stop());

    expect(message).toContain("the request was answered 400");
    expect(message).toContain("the stream had been read to token 0 when the worker was stopped");
  });

  test("works on a program of another project", async () => {
    await using worker = await WorkerTestHarness.launch(foreignWorker());
    await worker.faults.arm([{ id: "kill", at: { afterTokens: 2 } }]);

    expect((await collect(worker, { prompt: "stalls" })).outcome.status).toBe("transport-error");
  });
});

describe("a paused worker", () => {
  test("answers again once it is resumed, and can be stopped without that", async () => {
    const worker = await WorkerTestHarness.startMock();
    worker.pause();
    const error = await rejectionOf(worker.health({ timeoutMs: 200 }));
    worker.resume();
    const { status } = await worker.health();
    worker.pause();

    expect(isTestkitError(error, "LIMIT_HEADERS")).toBe(true);
    expect(status).toBe("healthy");
    expect(await worker.stop()).toMatchObject({ killed: false, exit: { kind: "exited", code: 0 } });
  });

  test("is resumed after `forMs`", async () => {
    await using worker = await WorkerTestHarness.startMock();
    worker.pause({ forMs: 100 });

    expect((await worker.health()).status).toBe("healthy");
    expect(() => worker.pause({ forMs: -1 })).toThrow(/forMs/);
  });

  test("with a paused child leaves neither of them behind", async () => {
    const worker = await WorkerTestHarness.launch({
      command: process.execPath,
      args: [supportFile("workers/with-child.mjs"), "{port}", "{workerId}"],
      ready: { kind: "http" },
    });
    const child = Number((await worker.logs.waitFor(/child \d+/)).text.split(" ")[1]);
    process.kill(child, "SIGSTOP");
    worker.pause();

    await worker.stop();

    expect(isRunning(child)).toBe(false);
  });
});
