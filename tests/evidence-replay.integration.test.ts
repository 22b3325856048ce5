import { describe, expect, test } from "vitest";
import { collectStream, readEvidence, replay, WorkerTestHarness, type StreamOptions } from "inference-testkit";
import { FaultProxy, type FaultSpec, type ProxyFaultId } from "inference-testkit/faults";
import { useWorker } from "./support/engines.js";
import { expectSame } from "./support/evidence.js";
import { foreignWorker } from "./support/foreign.js";
import { collect, makeRequest } from "./support/jobs.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

describe("a replayed stream is judged like the live one", () => {
  const worker = useWorker(() => WorkerTestHarness.launch(foreignWorker()));

  test.each<[string, string, StreamOptions]>([
    ["complete", "complete", {}],
    ["byte-by-byte", "complete", {}],
    ["stays-open", "complete", { graceMs: 20 }],
    ["other-line-ends", "complete", {}],
    ["index-jumps", "complete", {}],
    ["no-started", "complete", {}],
    ["second-end", "complete", {}],
    ["truncated", "truncated", {}],
    ["done-marker", "truncated", {}],
    ["reset", "transport-error", {}],
    ["half-closed", "transport-error", {}],
    ["silent", "limit-exceeded", { firstTokenMs: 50 }],
    ["stalls", "limit-exceeded", { tokenIdleMs: 50 }],
    ["chatters", "limit-exceeded", { tokenIdleMs: 100 }],
    ["huge-event", "limit-exceeded", { eventBytes: 1_000 }],
    ["endless", "limit-exceeded", { eventCount: 150_000 }],
    ["not-json", "invalid-event", {}],
    ["unknown-type", "invalid-event", {}],
    ["missing-field", "invalid-event", {}],
    ["half-a-character", "invalid-event", {}],
  ])("%s: %s", async (prompt, status, options) => {
    await using folder = await createTemporaryFolder();
    await using through = await WorkerTestHarness.attach(worker().baseUrl, { allow: ["MAX_TOKENS_EXCEEDED"] });
    await through.recordTo(folder.path);
    const live = await collect(through, { prompt }, options);
    await through.stop();

    const { jobs, transcript } = await readEvidence(folder.path);
    expect(live.outcome.status).toBe(status);
    expectSame(jobs[0]!.stream, live);
    const undecoded = transcript.flatMap((line) =>
      line.kind === "bytes" ? [Buffer.from(line.base64!, "base64")] : [],
    );
    if (status === "invalid-event") expect(Buffer.concat(undecoded).toString()).toContain(lastBytesOf(prompt));
    else if (prompt !== "huge-event" && live.unterminatedBytes === 0) expect(undecoded).toEqual([]);
  });

  test("stalls: aborted", async () => {
    await using folder = await createTemporaryFolder();
    await using through = await WorkerTestHarness.attach(worker().baseUrl);
    await through.recordTo(folder.path);
    const response = await through.execute(makeRequest({ prompt: "stalls" }));
    const controller = new AbortController();
    const body = tap(response.body, () => controller.abort(new Error("seen enough")));
    const abort = () => response.abort();
    const { kind, status, headers, url, jobId, sentAtMs, onCollected } = response;
    const facts = { kind, status, headers, url, jobId, sentAtMs, onCollected } as const;
    const live = await collectStream({ ...facts, body, abort }, { signal: controller.signal });
    await through.stop();

    expect(live.outcome).toEqual({ status: "aborted", reason: "seen enough" });
    expectSame((await replay(folder.path))[0]!, live);
  });

  test.each<[string, FaultSpec<ProxyFaultId>]>([
    ["truncated", { id: "clean-end-mid-event", at: { afterTokens: 2 } }],
    ["transport-error", { id: "rst", at: { afterTokens: 2 } }],
    ["transport-error", { id: "bad-chunk", at: { afterTokens: 2 } }],
    ["complete", { id: "drip", bytes: 7, everyMs: 1 }],
  ])("%s through a proxy with %o", async (status, fault) => {
    await using folder = await createTemporaryFolder();
    await using proxy = await FaultProxy.inFrontOf(worker(), { faults: [fault] });
    await proxy.worker.recordTo(folder.path);
    const live = await collect(proxy.worker, { prompt: "complete" });
    await proxy.worker.stop();

    expect(live.outcome.status).toBe(status);
    expectSame((await replay(folder.path))[0]!, live);
  });

  test("worker-error of the stub, with the record of its fault", async () => {
    await using folder = await createTemporaryFolder();
    await using stub = await WorkerTestHarness.startMock({
      stub: { faults: [{ id: "vram-oom", at: { afterTokens: 3 } }] },
    });
    await stub.recordTo(folder.path);
    const live = await collect(stub, { job_id: "oom" });
    await stub.stop();

    expectSame((await replay(folder.path, "oom"))[0]!, live);
    expect((await readEvidence(folder.path)).verdicts.faults).toMatchObject([{ id: "vram-oom", fired: 1 }]);
  });
});

/** Passes a body on and reports when its first chunk has arrived. */
async function* tap(body: AsyncIterable<Uint8Array>, onFirst: () => void): AsyncGenerator<Uint8Array> {
  for await (const slice of body) {
    yield slice;
    onFirst();
  }
}

/** What the scenarios of the foreign worker send at last. */
function lastBytesOf(prompt: string): string {
  return { "not-json": "{oops", "unknown-type": "surprise", "missing-field": "no index" }[prompt] ?? "\\ud83c";
}
