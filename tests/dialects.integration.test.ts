import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  assertCancelled,
  assertEventOrder,
  assertSuccessfulCompletion,
  cancelAfter,
  collectStream,
  extractTokens,
  makeTestRequest,
  readEvidence,
  replay,
  waitForIdle,
  WorkerTestHarness,
  type ExecuteRequest,
} from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { runLoad } from "inference-testkit/load";
import { describe, expect, onTestFinished, test } from "vitest";
import { RECORDED } from "./support/recorded-dialects.js";
import { startRecordedServer } from "./support/recorded-server.js";

async function attach(dialect: string) {
  const server = await startRecordedServer(RECORDED[dialect] as (typeof RECORDED)[string]);
  const worker = await WorkerTestHarness.attach(server.url, { dialect: dialect as never });
  onTestFinished(async () => {
    await worker.stop();
    await server[Symbol.asyncDispose]();
  });
  return { server, worker };
}

/** Some dialects have no seed. */
function requestOf(jobId: string, prompt: string): ExecuteRequest {
  return makeTestRequest(jobId, prompt, 8, { seed: null });
}

describe.each(Object.keys(RECORDED))("%s", (dialect) => {
  test("execute(): the events of a job, and its id in a header", async () => {
    const { server, worker } = await attach(dialect);

    const stream = await collectStream(await worker.execute(requestOf("job-1", "Hello")));

    assertSuccessfulCompletion(stream);
    expect(stream.events[0]).toEqual({ type: "started", job_id: "job-1" });
    expect(server.jobs[0]).toMatchObject({ path: RECORDED[dialect]?.stream.path, headers: { "x-job-id": "job-1" } });
    expect(extractTokens(stream).length).toBeGreaterThan(2);
  });

  test("the connection is used again: nothing is cut after a complete stream", async () => {
    const { server, worker } = await attach(dialect);

    for (const id of ["a", "b", "c"]) await collectStream(await worker.execute(requestOf(id, "Hello")));

    await expect.poll(() => server.jobs.map(({ wasLeft }) => wasLeft)).toEqual([false, false, false]);
  });

  test("executeAll(): complete, refused, cut, cancelled and disconnected jobs", async () => {
    const { worker } = await attach(dialect);

    const outcomes = await worker.executeAll([
      requestOf("ok", "Hello"),
      requestOf("refused", "refuse"),
      requestOf("cut", "cut"),
      { request: requestOf("cancelled", "slow"), cancelAfter: { tokens: 2 } },
      { request: requestOf("left", "slow"), disconnectAfter: { tokens: 2, how: "reset" } },
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual(["ok", "http-error", "truncated", "cancelled", "aborted"]);
    expect(outcomes[1]).toMatchObject({ httpStatus: 429, retryAfterSeconds: 1 });
  });

  test("cancelAfter() closes the connection; waitForIdle() sees the server become idle", async () => {
    const { server, worker } = await attach(dialect);

    const result = await cancelAfter(await worker.execute(requestOf("job-1", "slow")), { tokens: 2 });

    assertCancelled(result);
    expect(result.by).toBe("disconnect");
    if (dialect === "ollama") {
      await expect(waitForIdle(worker)).rejects.toThrow("this dialect has no slots");
      await waitForIdle(worker, { probe: () => ({ busy: server.jobs.filter(({ wasLeft }) => !wasLeft).length }) });
    } else {
      await waitForIdle(worker);
    }
    expect(server.jobs[0]?.wasLeft).toBe(true);
  });

  test("recordTo() and replay() give the same stream", async () => {
    const { worker } = await attach(dialect);
    const parent = mkdtempSync(join(tmpdir(), "dialects-"));
    onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
    const folder = join(parent, "bundle");
    await worker.recordTo(folder, { redact: true });
    const stream = await collectStream(await worker.execute(requestOf("job-1", "Secret prompt")));
    await worker.stop();

    const [first] = await replay(folder);
    const { metadata, transcript } = await readEvidence(folder);

    expect(metadata.dialect).toBe(dialect);
    assertEventOrder(first!);
    expect(first?.events.map(({ type }) => type)).toEqual(stream.events.map(({ type }) => type));
    expect(first?.terminal).toEqual(stream.terminal);
    expect(JSON.stringify(transcript)).not.toContain("Secret prompt");
  });

  test("a FaultProxy finds the tokens: a reset after the second one, for one job", async () => {
    const { worker } = await attach(dialect);
    await using proxy = await FaultProxy.inFrontOf(worker, {
      faults: [{ id: "rst", at: { afterTokens: 2 }, match: { jobId: "victim" } }],
    });

    const [plain, victim] = await proxy.worker.executeAll([requestOf("plain", "Hello"), requestOf("victim", "slow")]);

    expect(plain?.status).toBe("ok");
    expect(victim?.status).toBe("transport-error");
    expect(extractTokens(victim!.stream!)).toHaveLength(2);
  });

  test("a FaultProxy breaks a character of a text, and hangs after the end", async () => {
    const { worker } = await attach(dialect);
    await using proxy = await FaultProxy.inFrontOf(worker, {
      faults: [
        { id: "invalid-utf8", at: { afterTokens: 1 }, match: { jobId: "utf8" } },
        { id: "terminal-then-hang", match: { jobId: "hang" } },
      ],
    });

    const [utf8, hang] = await proxy.worker.executeAll([requestOf("utf8", "Hello"), requestOf("hang", "Hello")]);

    expect(extractTokens(utf8!.stream!).join("")).toContain("\ufffd");
    expect(hang?.status).toBe("ok");
  });

  test.each([1, 2])("runLoad() with %i client threads", async (clientThreads) => {
    const { worker } = await attach(dialect);

    const { records } = await runLoad(worker, {
      profile: { kind: "concurrency", clients: 2 },
      requests: (index) => requestOf(`load-${index}`, "Hello"),
      stop: { count: 6 },
      clientThreads,
    });

    expect(records.map(({ status }) => status)).toEqual(Array(6).fill("ok"));
    expect(records.every(({ tokensOut }) => tokensOut !== null && tokensOut > 2)).toBe(true);
  });
});
