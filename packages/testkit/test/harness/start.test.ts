import { createServer } from "node:http";
import { once } from "node:events";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isTestkitError, type TestkitError } from "../../src/errors/index.js";
import { WorkerTestHarness, type ProgramOptions } from "../../src/harness/index.js";

const READY_THEN = join(import.meta.dirname, "../workers/ready-then.mjs");

function launch(then: string, options: Partial<ProgramOptions> = {}): Promise<WorkerTestHarness> {
  return WorkerTestHarness.launch({
    command: process.execPath,
    args: [READY_THEN, then, "{workerId}"],
    readyTimeoutMs: 2_000,
    ...options,
  });
}

async function failure(start: Promise<WorkerTestHarness>): Promise<TestkitError> {
  const error: unknown = await start.then(
    async (worker) => worker.stop(),
    (cause: unknown) => cause,
  );
  if (!isTestkitError(error)) throw new Error(`expected a TestkitError, got ${String(error)}`);
  return error;
}

describe("a worker that reports that it is ready", () => {
  test("and then does not answer the identity check is LIMIT_HEADERS", async () => {
    expect((await failure(launch("never"))).code).toBe("LIMIT_HEADERS");
  });

  test("and then never ends its answer is INVALID_RESPONSE", async () => {
    expect((await failure(launch("dribbles"))).code).toBe("INVALID_RESPONSE");
  });

  test("and then ends is PROCESS_DIED, with its exit code", async () => {
    const error = await failure(launch("exits"));

    expect(error.code).toBe("PROCESS_DIED");
    expect(error.message).toContain("The worker ended with exit code 3 before it was ready");
  });

  test("and then does not answer can be aborted", async () => {
    const controller = new AbortController();
    const asked = createTcpServer((socket) => {
      socket.destroy();
      controller.abort();
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void asked.close());
    await once(asked, "listening");
    const args = [READY_THEN, "never", "{workerId}", String((asked.address() as AddressInfo).port)];
    const start = launch("never", { args, readyTimeoutMs: 20_000, signal: controller.signal });

    expect((await failure(start)).code).toBe("STREAM_ABORTED");
  });
});

test("attach() to a server whose answer never ends fails within headersMs", async () => {
  const server = createServer((_, response) => response.writeHead(200).write("{")).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  expect((await failure(WorkerTestHarness.attach(url, { timeouts: { headersMs: 200 } }))).code).toBe(
    "INVALID_RESPONSE",
  );
});

describe("misspelled options are rejected, and nothing is started", () => {
  test.each<[string, () => Promise<WorkerTestHarness>, string]>([
    ["of startMock()", () => WorkerTestHarness.startMock({ paralel: 2 } as object), "paralel"],
    ["of start()", () => WorkerTestHarness.start("m.gguf", -1, { thread: 1 } as object), "thread"],
    ["of launch()", () => launch("never", { readyTimeout: 5 } as object), "readyTimeout"],
    ["of attach()", () => WorkerTestHarness.attach("http://127.0.0.1:9", { timeoutMs: 5 } as object), "timeoutMs"],
    ["of the time-outs", () => WorkerTestHarness.startMock({ timeouts: { total: 5 } as object }), "total"],
    ["of the stub", () => WorkerTestHarness.startMock({ stub: { outputTokns: 3 } as object }), "outputTokns"],
    [
      "of a fault",
      () => WorkerTestHarness.startMock({ stub: { faults: [{ id: "vram_oom" }] as never } }),
      "faults[0].id",
    ],
  ])("%s", async (_, start, name) => {
    const error = await failure(start());

    expect(error.code).toBe("INVALID_OPTION");
    expect(error.message).toContain(name);
  });
});

test("waitForExit() checks its time-out", async () => {
  await using worker = await WorkerTestHarness.startMock();

  await expect(worker.waitForExit({ timeoutMs: Infinity })).rejects.toThrow("[INVALID_OPTION] Expected `timeoutMs`");
});
