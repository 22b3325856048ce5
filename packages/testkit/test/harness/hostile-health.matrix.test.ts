import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isTestkitError, type TestkitError } from "../../src/errors/index.js";
import { collectSseEvents } from "../../src/events/index.js";
import { makeTestRequest } from "../../src/requests/index.js";
import { WorkerTestHarness, type ProgramOptions } from "../../src/harness/index.js";

const PROGRAM = join(import.meta.dirname, "../workers/hostile-health.mjs");

async function failStart(args: readonly string[], options: Partial<ProgramOptions> = {}): Promise<TestkitError> {
  const start = WorkerTestHarness.launch({ command: process.execPath, args: [PROGRAM, ...args], ...options });
  const error: unknown = await start.then(
    async (worker) => worker.stop(),
    (cause: unknown) => cause,
  );
  if (!isTestkitError(error)) throw new Error(`expected a TestkitError, got ${String(error)}`);
  return error;
}

const lastProblem = (error: TestkitError) => String(error.details["lastProblem"]);

describe("a start that queries /health", () => {
  const ready = { kind: "http" } as const;

  test("reports that it did not answer, for how long and how often it was probed", async () => {
    const error = await failStart(["hangs", "{port}"], { ready, readyTimeoutMs: 3_500 });

    expect(error.code).toBe("READY_TIMEOUT");
    expect(lastProblem(error)).toMatch(
      /^`\/health` did not answer within \d{4,} ms \(\d+ (of \d+ )?attempts in \d{4,} ms\)$/,
    );
    expect(error.message).not.toMatch(/signal|ABORT|cause/i);
  });

  test("reports it even if the start ends before the first attempt", async () => {
    const error = await failStart(["hangs", "{port}"], { ready, readyTimeoutMs: 900 });

    expect(lastProblem(error)).toMatch(
      /^`\/health` did not answer within \d+ ms \((1 attempt|1 of \d+ attempts) in \d+ ms\)$/,
    );
  });

  test("reports the hang of a worker that answered first", async () => {
    const error = await failStart(["busy-then-hangs", "{port}"], { ready, readyTimeoutMs: 3_500 });

    expect(lastProblem(error)).toMatch(/^`\/health` did not answer within \d{4,} ms/);
  });

  test("is not blocked by endless 103 responses", async () => {
    const error = await failStart(["early-hints", "{port}"], { ready, readyTimeoutMs: 2_500 });

    expect(error.code).toBe("READY_TIMEOUT");
    expect(lastProblem(error)).toMatch(/^`\/health` did not answer within \d{4,} ms/);
  });
});

describe("the identity check", () => {
  const args = (mode: string) => [mode, "0", "{workerId}"];

  test("abandons an answer that never ends after 1 MiB", async () => {
    const error = await failStart(args("floods"), { readyTimeoutMs: 10_000 });

    expect(error.code).toBe("INVALID_RESPONSE");
    expect(error.message).toContain("/health is larger than 1048576 bytes");
  });

  test("is not blocked by endless 103 responses", async () => {
    const error = await failStart(args("early-hints"), { readyTimeoutMs: 2_000 });

    expect(error.code).toBe("LIMIT_HEADERS");
  });
});

describe("a stream that breaks because the worker crashed", () => {
  test.each(["SIGSEGV", "SIGKILL"] as const)("names %s in the first line", async (signal) => {
    await using worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 20 } } });
    const response = await worker.execute(makeTestRequest("job-1", "Hello", 500));
    worker.kill(signal);

    const error: unknown = await collectSseEvents(response).catch((cause: unknown) => cause);

    if (!isTestkitError(error, "STREAM_TRANSPORT")) throw new Error(`expected STREAM_TRANSPORT, got ${String(error)}`);
    expect(error.message.split("\n", 1)[0]).toContain(`; the worker ended with signal ${signal}`);
  });

  test("names it for streamed events, and for a process that ended long ago", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 20 } } });
    const response = await worker.execute(makeTestRequest("job-1", "Hello", 500));
    worker.kill("SIGKILL");
    await worker.restart();

    const error: unknown = await collectSseEvents(response).catch((cause: unknown) => cause);

    expect((error as Error).message.split("\n", 1)[0]).toContain("; the worker ended with signal SIGKILL");
  });

  test("does not mention a live worker", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { timing: { itlMs: 20 } } });
    const response = await worker.execute(makeTestRequest("job-1", "Hello", 500), { dedicatedConnection: true });
    const read = collectSseEvents(response).catch((cause: unknown) => cause);
    await response.disconnect("reset");

    const error = await read;
    expect(error).toMatchObject({ name: "BrokenStreamError" });
    expect((error as Error).message).not.toContain("ended with");
  });
});
