import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  assertAllOk,
  assertCancelled,
  assertEventOrder,
  assertSuccessfulCompletion,
  cancelAfter,
  collectSseEvents,
  collectStream,
  extractText,
  isTestkitError,
  makeTestRequest,
  readEvidence,
  replay,
  waitForIdle,
  WorkerTestHarness,
  type EventDecoder,
} from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { describe, expect, onTestFinished, test } from "vitest";
import { tiny } from "./support/tiny-dialect.js";
import { startTinyServer } from "./support/tiny-server.js";

async function attach() {
  const server = await startTinyServer();
  const worker = await WorkerTestHarness.attach(server.url, { dialect: tiny });
  onTestFinished(async () => {
    await worker.stop();
    await server[Symbol.asyncDispose]();
  });
  return { server, worker };
}

async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  return isTestkitError(error) ? error : { code: "none", message: String(error) };
}

describe("a second dialect with different paths, bodies and events", () => {
  test("a job is sent in its body, and its chunks arrive as events", async () => {
    const { server, worker } = await attach();

    const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 3)));

    expect(server.received[0]).toMatchObject({
      path: "/v1/completions",
      body: { prompt: "Hello", max_tokens: 3, user: "job-1", stream: true },
    });
    expect(events.map(({ type }) => type)).toEqual(["started", "token", "token", "token", "end"]);
    expect(extractText(events)).toBe(" w0 w1 w2");
    assertSuccessfulCompletion(events);
  });

  test.each([
    ["cut", "without `[DONE]`"],
    ["unfinished", "without a `finish_reason`"],
  ])("a stream that is %s is truncated, and the message names the missing part", async (prompt, missing) => {
    const { worker } = await attach();

    const error = await errorOf(worker.execute(makeTestRequest("job-1", prompt, 2)).then((r) => collectSseEvents(r)));

    expect(error).toMatchObject({ code: "STREAM_TRUNCATED" });
    expect(error.message).toContain(missing);
  });

  test("executeAll() reports refusals with the server's own code, and disconnects", async () => {
    const { server, worker } = await attach();

    const outcomes = await worker.executeAll([
      makeTestRequest("a", "Hello", 3),
      makeTestRequest("b", "refuse", 3),
      { request: makeTestRequest("c", "slow", 200), disconnectAfter: { tokens: 2, how: "reset" } },
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual(["ok", "http-error", "aborted"]);
    expect(outcomes[1]).toMatchObject({ httpStatus: 429, code: "rate_limited" });
    assertAllOk(outcomes.slice(0, 1));
    await expect
      .poll(() => server.received.map(({ body, wasLeft }) => [body["user"], wasLeft]))
      .toContainEqual(["c", true]);
  });

  test("what the dialect does not have is rejected by name, and nothing is sent", async () => {
    const { server, worker } = await attach();
    expect((await errorOf(waitForIdle(worker))).message).toContain("this dialect has no slots");
    expect((await errorOf(worker.cancel("job-1"))).message).toContain("this dialect has no cancel");
    expect((await errorOf(worker.metrics())).message).toContain("this dialect has no metrics");
    expect(server.received).toEqual([]);
  });

  test("without a cancel request, a job is cancelled by closing its connection, and only that is claimed", async () => {
    const { server, worker } = await attach();
    const slow = makeTestRequest("job-1", "slow", 200);

    const result = await cancelAfter(await worker.execute(slow), { tokens: 2 });
    const [outcome] = await worker.executeAll([{ request: { ...slow, job_id: "job-2" }, cancelAfter: { tokens: 1 } }]);

    assertCancelled(result);
    expect(result).toMatchObject({ by: "disconnect", tokensBefore: 2, tokensAfterCancel: 0 });
    expect(outcome).toMatchObject({ status: "cancelled", cancel: { by: "disconnect" } });
    expect(() => assertCancelled(result, { withinMs: 1000 })).toThrow(
      "only waitForIdle() shows when the server stopped",
    );
    await expect.poll(() => server.received.map(({ wasLeft }) => wasLeft)).toEqual([true, true]);
  });

  test("waitForIdle() accepts a probe if the dialect has no slots", async () => {
    const { worker } = await attach();
    let busy = 3;

    await waitForIdle(worker, { probe: () => ({ busy: --busy }) });

    expect(busy).toBe(0);
    const forever = errorOf(waitForIdle(worker, { probe: () => ({ busy: 1, total: 2 }), timeoutMs: 50 }));
    expect((await forever).message).toContain("1 of 2 slots are still busy");
  });

  test("recordTo() and replay() reproduce the stream without the server", async () => {
    const { worker } = await attach();
    const parent = mkdtempSync(join(tmpdir(), "dialect-"));
    onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
    const folder = join(parent, "bundle");
    await worker.recordTo(folder);
    const stream = await collectStream(await worker.execute(makeTestRequest("job-1", "Hello", 3)));
    await (await worker.execute(makeTestRequest("job-2", "Hello", 2))).text();
    await worker.stop();

    const [first, second] = await replay(folder);
    const { metadata, jobs } = await readEvidence(folder);

    expect(metadata.dialect).toBe("tiny");
    expect(jobs.map(({ jobId }) => jobId)).toEqual(["job-1", "job-2"]);
    expect(first?.events).toEqual(stream.events);
    expect(extractText(second!)).toBe(" w0 w1"); // read as text, decoded for the bundle
    assertEventOrder(second!);
  });

  test("a FaultProxy cuts its stream after a token", async () => {
    const { server } = await attach();
    await using proxy = await FaultProxy.inFrontOf(server.url, {
      dialect: tiny,
      faults: [{ id: "rst", at: { afterTokens: 2 }, match: { jobId: "victim" } }],
    });

    const [plain, victim] = await proxy.worker.executeAll([
      makeTestRequest("plain", "slow", 5),
      makeTestRequest("victim", "slow", 5),
    ]);

    expect(plain?.status).toBe("ok");
    expect(victim?.status).toBe("transport-error");
    expect(extractText(victim!.stream!)).toBe(" w0 w1");
  });

  test("launch() waits for the dialect's own path and checks no identity", async () => {
    const code = `require("node:http").createServer((request, response) => response
      .writeHead(request.url === "/v1/models" ? 200 : 404).end()).listen(process.argv[1], "127.0.0.1")`;
    await using worker = await WorkerTestHarness.launch({
      command: process.execPath,
      args: ["-e", code, "{port}", "{workerId}"],
      ready: { kind: "http" },
      dialect: tiny,
    });

    expect(worker.dialect.name).toBe("tiny");
    expect((await worker.request("/v1/models")).status).toBe(200);
  });

  test.each(["begin", "push", "end"] as const)("an exception in its %s() is an invalid event", async (method) => {
    const broken: EventDecoder = {
      isDone: false,
      push: () => [],
      [method]: () => {
        throw new Error("a defect");
      },
    };
    const dialect = { ...tiny, createDecoder: () => broken };
    const body = new Response('data: {"choices":[]}\n\n', { headers: { "content-type": "text/event-stream" } });

    const { outcome } = await collectStream(body, { dialect });

    expect(outcome).toMatchObject({ status: "invalid-event", reason: "a defect" });
  });

  test("a refusal that is not in the dialect is still a refusal", async () => {
    const { worker } = await attach();

    const [outcome] = await worker.executeAll([makeTestRequest("a", "page", 3)]);

    expect(outcome).toMatchObject({ status: "http-error", httpStatus: 502, body: null, code: undefined });
  });

  test("an invalid dialect is rejected", async () => {
    const error = await errorOf(WorkerTestHarness.attach("http://127.0.0.1:9", { dialect: "openai" as never }));

    expect(error.message).toContain("one of orcd, openai-chat,");
  });
});
