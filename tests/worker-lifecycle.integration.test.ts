import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { isTestkitError, WorkerTestHarness } from "inference-testkit";
import { isRunning, rejectionOf, waitFor } from "./support/conditions.js";
import { foreignWorker, inlineProgram } from "./support/foreign.js";
import { collect, complete, makeRequest } from "./support/jobs.js";
import { startFailure } from "./support/start-failure.js";

/** For programs that listen nowhere. */
const UNUSED_PORT = { env: { PORT: "{port}" }, checkIdentity: false };
const NEVER_READY = "setInterval(() => {}, 1000)";

describe("launch() of an unrelated program", () => {
  test("is ready when /health answers", async () => {
    await using worker = await WorkerTestHarness.launch(foreignWorker());

    expect((await collect(worker, { prompt: "complete" })).outcome.status).toBe("complete");
  });

  test("is ready when its port accepts connections", async () => {
    await using worker = await WorkerTestHarness.launch(foreignWorker({ ready: { kind: "port" } }));

    expect((await collect(worker, { prompt: "complete" })).outcome.status).toBe("complete");
  });

  test("is ready when its log matches, and the line may contain the port", async () => {
    const args = [foreignWorker().args![0]!, "0", "{workerId}"];
    const ready = { kind: "log", pattern: /Listening on port (?<port>\d+)/ } as const;
    await using worker = await WorkerTestHarness.launch(foreignWorker({ args, ready }));

    expect((await collect(worker, { prompt: "complete" })).outcome.status).toBe("complete");
  });

  test("also gets placeholders in its environment", async () => {
    await using worker = await WorkerTestHarness.launch(
      inlineProgram(
        'console.log(`id=${process.env.ID}`); require("node:net").createServer().listen(process.env.PORT, "127.0.0.1")',
        {
          env: { PORT: "{port}", ID: "{workerId}" },
          ready: { kind: "port" },
          checkIdentity: false,
        },
      ),
    );

    expect(await worker.logs.waitFor(`id=${worker.workerId}`)).toMatchObject({ stream: "stdout" });
  });

  test("a worker that reports a different id than it was given is an error, and nothing is left", async () => {
    const args = [foreignWorker().args![0]!, "{port}", "somebody-else"];

    const error = await startFailure(WorkerTestHarness.launch(foreignWorker({ args, workerId: "worker-7" })));

    expect(error.code).toBe("WRONG_IDENTITY");
    expect(error.message).toContain('its /health reports worker_id "somebody-else" (status 200) instead of `worker-7`');
  });

  test("a program that is not ready in time is killed, and the error names the awaited condition", async () => {
    const options = inlineProgram(`console.log(process.pid); ${NEVER_READY}`, {
      readyTimeoutMs: 700,
      stopGraceMs: 100,
    });

    const error = await startFailure(WorkerTestHarness.launch(options));

    expect(error.code).toBe("READY_TIMEOUT");
    expect(isRunning(Number(error.logTail[0]))).toBe(false);
  });

  test("a missing program is reported by name", async () => {
    const error = await startFailure(WorkerTestHarness.launch({ command: "no-such-worker" }));

    expect(error.code).toBe("SPAWN_FAILED");
    expect(error.message).toContain("no-such-worker");
  });

  test.each([0, 3])("a program that ends with code %i before it is ready has died", async (code) => {
    const source = `console.error("giving up"); process.exitCode = ${code}`;

    const error = await startFailure(WorkerTestHarness.launch(inlineProgram(source)));

    expect(error.code).toBe("PROCESS_DIED");
    expect(error.message).toContain(`exit code ${code}`);
    expect(error.message).toContain("giving up");
  });

  test("a start can be aborted and leaves nothing", async () => {
    const abort = new AbortController();
    const start = WorkerTestHarness.launch(inlineProgram(NEVER_READY, { signal: abort.signal, stopGraceMs: 100 }));
    setTimeout(() => abort.abort(new Error("changed my mind")), 100);

    expect((await rejectionOf(start)).message).toBe("changed my mind");
  });
});

describe("attach()", () => {
  test("uses a running worker and leaves it running", async () => {
    await using worker = await WorkerTestHarness.startMock({ workerId: "the-old-one" });
    {
      await using attached = await WorkerTestHarness.attach(worker.baseUrl);
      expect(attached.workerId).toBe("the-old-one");
      expect(attached.pid).toBeUndefined();
      expect((await complete(attached)).tokens).toHaveLength(20);
      expect(await attached.stop()).toBeUndefined();
    }
    expect((await worker.health()).status).toBe("healthy");
  });

  test("cannot show the output of a process that is not its own", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using attached = await WorkerTestHarness.attach(worker.baseUrl);

    expect(() => attached.logs).toThrow("got an attached one");
    expect(() => attached.kill("SIGKILL")).toThrow("got an attached one");
  });

  test("fails when nothing is listening", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));

    expect((await startFailure(WorkerTestHarness.attach(`http://127.0.0.1:${port}`))).code).toBe("CONNECT_FAILED");
  });

  test("rejects an invalid worker address", async () => {
    expect((await startFailure(WorkerTestHarness.attach("localhost:8080"))).code).toBe("INVALID_OPTION");
  });
});

describe("a worker that dies", () => {
  test("between two requests: the next call reports it, with exit code and log, and so does stop()", async () => {
    const worker = await WorkerTestHarness.launch(foreignWorker());

    const error = await rejectionOf(worker.execute(makeRequest({ prompt: "dies" })));

    expect(isTestkitError(error, "PROCESS_DIED")).toBe(true);
    expect(error.message).toContain("exit code 7");
    expect(error.message).toContain("Listening on port");
    expect(worker.exitInfo).toEqual({ kind: "exited", code: 7 });
    expect(isTestkitError(await rejectionOf(worker.stop()), "PROCESS_DIED")).toBe(true);
  });

  test("in the middle of a stream: the stream is a transport error, and stop() reports the signal", async () => {
    const worker = await WorkerTestHarness.launch(foreignWorker());

    const { outcome, events } = await collect(worker, { prompt: "dies-mid-stream" });

    expect(outcome.status).toBe("transport-error");
    expect(events.map((event) => event.type)).toEqual(["started", "token", "token"]);
    expect((await rejectionOf(worker.stop())).message).toContain("SIGSEGV");
  });

  test("before the test kills it: the crash is still reported", async () => {
    const worker = await WorkerTestHarness.startMock();
    process.kill(worker.pid!, "SIGSEGV");
    await waitFor("the end", () => worker.exitInfo);

    worker.kill("SIGKILL");

    expect((await rejectionOf(worker.stop())).message).toContain("SIGSEGV");
  });

  test.each([undefined, null, 0, 9, "SIGNOPE", "toString"])(
    "kill(%j) is INVALID_OPTION and sends no signal",
    async (signal) => {
      await using worker = await WorkerTestHarness.startMock();

      expect(() => worker.kill(signal as never)).toThrow("Expected `signal` to be the name of a signal");
      expect((await worker.health()).status).toBe("healthy");
    },
  );

  test("because the test killed it: that end is expected", async () => {
    await using worker = await WorkerTestHarness.startMock();

    worker.kill("SIGKILL");

    expect(await worker.waitForExit()).toMatchObject({ kind: "signalled", signal: "SIGKILL" });
    expect(isTestkitError(await rejectionOf(worker.health()), "PROCESS_DIED")).toBe(true);
  });
});

describe("stop()", () => {
  test("is idempotent, even when called twice at once", async () => {
    const worker = await WorkerTestHarness.startMock();

    const first = worker.stop();

    expect(worker.stop()).toBe(first);
    expect(await first).toMatchObject({ exit: { kind: "exited", code: 0 }, killed: false, survivors: [] });
    expect(isRunning(worker.pid!)).toBe(false);
  });

  test("does not wait for a job that is no longer being read", async () => {
    const worker = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "hang", at: { afterTokens: 1 } }] } });
    await worker.execute(makeRequest());

    const report = await worker.stop();

    expect(report).toMatchObject({ exit: { kind: "exited", code: 0 }, killed: false });
    expect(report?.tookMs).toBeLessThan(5_000); // the worker's own grace
  });

  test("kills a worker that ignores SIGTERM after the grace period", async () => {
    const source = `process.on("SIGTERM", () => console.log("no")); console.log("up"); ${NEVER_READY}`;
    const options = { ready: { kind: "log", pattern: /up/ }, ...UNUSED_PORT, stopGraceMs: 200 } as const;
    const worker = await WorkerTestHarness.launch(inlineProgram(source, { ...options, allow: ["SIGTERM_IGNORED"] }));

    expect(await worker.stop()).toMatchObject({ killed: true, exit: { kind: "signalled", signal: "SIGKILL" } });
    expect(worker.logs.text()).toContain("no");
  });

  test("ends and reports children that the worker left behind", async () => {
    const child = `process.on("SIGTERM", () => {}); ${NEVER_READY}; console.log("child " + process.pid)`;
    const source = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" });
      process.on("SIGTERM", () => process.exit(0))`;
    const worker = await WorkerTestHarness.launch(
      inlineProgram(source, {
        ready: { kind: "log", pattern: /child/ },
        ...UNUSED_PORT,
        allow: ["CHILD_LEFT_BEHIND"],
      }),
    );
    const pid = Number(/child (\d+)/.exec(worker.logs.text())?.[1]);

    const report = await worker.stop();

    expect(report?.survivors.map((survivor) => survivor.pid)).toEqual([pid]);
    expect(isRunning(pid)).toBe(false);
  });
});

describe("waiting", () => {
  test("waitForExit() waits for the end after shutdown(), and fails if there is none", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const tooEarly = await rejectionOf(worker.waitForExit({ timeoutMs: 20 }));
    await worker.shutdown();

    expect(isTestkitError(tooEarly, "EXIT_TIMEOUT")).toBe(true);
    expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 0 });
  });

  test("logs.waitFor() finds past and future lines, and fails with the lines it has", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const future = worker.logs.waitFor(/"event":"execute_end".*"outcome":"completed"/);
    await complete(worker);

    expect((await worker.logs.waitFor('"event":"ready"')).text).toContain(worker.workerId);
    expect(JSON.parse((await future).text)).toMatchObject({ tokens_out: 20 });
    const missed = await rejectionOf(worker.logs.waitFor("never said", { timeoutMs: 20 }));
    expect(isTestkitError(missed, "LOG_TIMEOUT")).toBe(true);
    expect(missed.message).toContain("execute_end");
  });

  test("logs are a ring buffer: the newest lines are kept", async () => {
    await using worker = await WorkerTestHarness.startMock({ logLines: 4 });
    await complete(worker);

    await worker.logs.waitFor("execute_end");
    expect(worker.logs.lines).toHaveLength(4);
    expect(worker.logs.droppedCount).toBeGreaterThan(0);
  });
});
