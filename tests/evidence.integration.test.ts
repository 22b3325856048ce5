import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  assertAllOk,
  collectSseEvents,
  collectStream,
  readEvidence,
  replay,
  TestModel,
  WorkerTestHarness,
  type CollectedStream,
  type RecordOptions,
  type StreamOptions,
} from "inference-testkit";
import { FaultProxy, type FaultSpec, type ProxyFaultId } from "inference-testkit/faults";
import { rejectionOf } from "./support/conditions.js";
import { describeEngines, llamaEngine, stubEngine, useWorker } from "./support/engines.js";
import { comparable, readWhole, timesOf, verdictsOf } from "./support/evidence.js";
import { foreignWorker, supportFile } from "./support/foreign.js";
import { collect, complete, makeRequest, makeRequests } from "./support/jobs.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

/** The same stream, told the same way, at the same times. */
function expectSame(replayed: CollectedStream, live: CollectedStream): void {
  expect(comparable(replayed)).toEqual(comparable(live));
  expect(verdictsOf(replayed)).toEqual(verdictsOf(live));
  const times = timesOf(live);
  for (const [index, atMs] of timesOf(replayed).entries()) expect(atMs).toBeCloseTo(times[index]!, 2);
}

describeEngines((engine) => {
  test("a job is recorded with its seed, its times and its worker", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await engine.start();
    const recording = await worker.recordTo(folder.path, { testName: "a job" });
    const live = await collect(worker, { seed: 18_446_744_073_709_551_615n, max_tokens: 5 });
    expect(recording.isWritten).toBe(false);
    await worker.stop();

    const { jobs, metadata, seeds, timings, log, verdicts } = await readEvidence(folder.path);
    expectSame(jobs[0]!.stream, live);
    expect(seeds).toMatchObject([{ request: 1, reported: 18_446_744_073_709_551_615n }]);
    expect(jobs[0]!.body).toMatchObject({ seed: 18_446_744_073_709_551_615n, max_tokens: 5 });
    expect(metadata).toMatchObject({
      schemaVersion: 1,
      testName: "a job",
      worker: { id: worker.workerId, pid: worker.pid, exit: { kind: "exited", code: 0 } },
      machine: { node: process.versions.node },
    });
    expect(metadata.worker.version).toMatch(/^\d+\.\d+\.\d+/);
    const { ttftMs, e2eMs, tpotMs, gapsMs } = timings[0]!;
    expect(ttftMs).toBeGreaterThan(0);
    expect(e2eMs).toBeCloseTo(ttftMs! + gapsMs.reduce((sum, gapMs) => sum + gapMs, 0), 1);
    expect(tpotMs).toBeCloseTo((e2eMs! - ttftMs!) / 4, 1);
    expect(log.map(({ text }) => text).join("\n")).toContain("execute_end");
    expect(verdicts).toMatchObject({ verdicts: [], faults: [], failures: [], stop: { killed: false } });
  });
});

test("the model is named with its hash, or with the reason why there is none", async () => {
  await using folder = await createTemporaryFolder();
  const model = await TestModel.synthetic();
  const record = async (name: string, options: RecordOptions) => {
    const worker = await llamaEngine.start();
    await worker.recordTo(join(folder.path, name), options);
    await worker.stop();
    return (await readEvidence(join(folder.path, name))).metadata.worker.modelFile;
  };

  const bytes = await readFile(model.path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(await record("hashed", {})).toEqual({ path: model.path, sizeBytes: bytes.length, sha256 });
  expect(await record("not", { hashModel: false })).toMatchObject({ skipped: "`hashModel` is false" });
});

describe("a replayed stream is judged as the live one", () => {
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
    ["endless", "limit-exceeded", { eventCount: 100 }],
    ["not-json", "invalid-event", {}],
    ["unknown-type", "invalid-event", {}],
    ["missing-field", "invalid-event", {}],
    ["half-a-character", "invalid-event", {}],
  ])("%s: %s", async (prompt, status, options) => {
    await using folder = await createTemporaryFolder();
    await using through = await WorkerTestHarness.attach(worker().baseUrl);
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
    else if (prompt !== "huge-event") expect(undecoded).toEqual([]);
  });

  test("stalls: aborted", async () => {
    await using folder = await createTemporaryFolder();
    await using through = await WorkerTestHarness.attach(worker().baseUrl);
    await through.recordTo(folder.path);
    const response = await through.execute(makeRequest({ prompt: "stalls" }));
    const controller = new AbortController();
    const body = tap(response.body, () => controller.abort(new Error("seen enough")));
    const abort = () => response.abort();
    const live = await collectStream({ ...response, body, abort }, { signal: controller.signal });
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

  test("worker-error of the stub, with the books of its fault", async () => {
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

/** Passes a body on and tells when its first slice is there. */
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

describe("nothing that was seen is lost", () => {
  test("a worker that dies: the bundle has the stream as far as it came, the log and the failure", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await WorkerTestHarness.launch(foreignWorker());
    const recording = await worker.recordTo(folder.path, { when: "failure" });
    const live = await collect(worker, { prompt: "dies-mid-stream" });
    const failure = await rejectionOf(worker.stop());

    expect(failure).toMatchObject({ code: "PROCESS_DIED" });
    expect(recording.isWritten).toBe(true);
    const { jobs, metadata, verdicts, log } = await readEvidence(folder.path);
    expectSame(jobs[0]!.stream, live);
    expect(metadata.worker.exit).toEqual({ kind: "signalled", signal: "SIGSEGV" });
    expect(verdicts.failures).toMatchObject([{ code: "PROCESS_DIED" }]);
    expect(log[0]!.text).toContain("Listening");
  });

  test("a stream that is still being read, one that is read as bytes, and one that is not read", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await WorkerTestHarness.launch(foreignWorker());
    await worker.recordTo(folder.path);
    const open = await worker.execute(makeRequest({ prompt: "stalls" }));
    const first = await open.body[Symbol.asyncIterator]().next();
    expect(first.done).toBe(false);
    const whole = await worker.execute(makeRequest({ prompt: "complete" }));
    expect(await whole.text()).toContain("end");
    await worker.execute(makeRequest({ prompt: "complete" }));
    const refused = await worker.execute(makeRequest({ prompt: "teapot" }));
    expect(await refused.text()).toBe("short and stout");
    await worker.stop();

    const { jobs, transcript } = await readEvidence(folder.path);
    expect(jobs.map(({ httpStatus, outcome }) => [httpStatus, outcome])).toEqual([
      [200, { status: "aborted", reason: "it was being read when the worker was stopped" }],
      [200, { status: "complete" }],
      [200, { status: "aborted", reason: "it was not read" }],
      [418, { status: "answered" }],
    ]);
    expect(jobs[0]!.stream.events).not.toHaveLength(0);
    expect(jobs[1]!.stream.events).toHaveLength(4);
    expect(transcript).toContainEqual(expect.objectContaining({ kind: "body", request: 4, text: "short and stout" }));
    expect(() => jobs[3]!.stream).toThrow(/\[EVIDENCE_INVALID\] request 4 .* no event stream \(status 418, answered\)/);
    expect(await replay(folder.path)).toHaveLength(3);
  });

  test("many jobs at once: each is whole, and the transcript is in order of arrival", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await stubEngine.startSlow({ parallel: 16 });
    await worker.recordTo(folder.path);
    const outcomes = await worker.executeAll(makeRequests(40), { concurrency: 16 });
    assertAllOk(outcomes);
    await worker.stop();

    const { jobs, transcript, timings } = await readEvidence(folder.path);
    expect(timings).toHaveLength(40);
    for (const { jobId, stream } of outcomes) expectSame(jobs.find((job) => job.jobId === jobId)!.stream, stream);
    const times = transcript.map((line) => (line.kind === "cut" ? NaN : line.atMs));
    expect(times).toEqual([...times].sort((first, second) => first - second));
    const requests = transcript.flatMap((line) => (line.kind === "event" ? [line.request] : []));
    const changes = requests.filter((request, index) => request !== requests[index - 1]).length;
    expect(changes).toBeGreaterThan(40);
  });

  test("what was told after a restart, and by the process before", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await stubEngine.start();
    await worker.recordTo(folder.path);
    await complete(worker);
    await worker.restart();
    await complete(worker);
    await worker.stop();

    const { jobs, log, metadata } = await readEvidence(folder.path);
    expect(jobs).toHaveLength(2);
    expect(new Set(log.map(({ start }) => start))).toEqual(new Set([1, 2]));
    expect(metadata.worker.startCount).toBe(2);
  });

  test("cancellations are among the requests", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await stubEngine.start();
    await worker.recordTo(folder.path);
    await worker.cancel("no-such-job");
    await worker.stop();

    const { jobs, transcript } = await readEvidence(folder.path);
    expect(jobs).toEqual([]);
    expect(transcript).toMatchObject([
      { kind: "request", method: "POST", path: "/cancel/no-such-job" },
      { kind: "response", status: 202 },
      { kind: "body", json: { job_id: "no-such-job", state: "unknown" } },
      { kind: "outcome", outcome: { status: "answered" } },
    ]);
  });
});

describe("redaction", () => {
  const PROMPT = "the-secret-prompt";
  const TEXT = "my-private-answer";

  async function recordSecrets(folder: string, options: RecordOptions): Promise<string> {
    const args = [supportFile("workers/chatty-worker.mjs"), "{port}", "{workerId}", TEXT];
    const worker = await WorkerTestHarness.launch(foreignWorker({ args }));
    const recording = await worker.recordTo(folder, options);
    for (const kind of ["complete", "refuse", "fail", "break", "garble"]) {
      const request = {
        ...makeRequest({ prompt: `${kind} ${PROMPT}`, stop: [PROMPT] }),
        messages: [{ content: PROMPT }],
      };
      const headers = { "x-note": PROMPT, authorization: "Bearer the-key" };
      const response = await worker.execute(request, { headers });
      await collectSseEvents(response).catch((error: unknown) => recording.fail(error));
    }
    await worker.request(`/execute?q=${PROMPT}`, { method: "POST", body: `{"prompt":"refuse ${PROMPT}"}` });
    recording.verdict("quotes", "fail", `${PROMPT} gave ${TEXT}`);
    await worker.stop();
    return await readWhole(folder);
  }

  /** Words of the secrets, as they could be seen in any encoding of the bundle; `answ` is a part of a token. */
  const SECRETS = [PROMPT, TEXT, "my-p", "riva", "te-a", Buffer.from(TEXT).toString("base64").slice(2, 14)];

  test("true leaves neither prompts nor text anywhere, and streams are judged as before", async () => {
    await using folder = await createTemporaryFolder();
    const whole = await recordSecrets(folder.path, { redact: true, testName: PROMPT });

    for (const secret of [...SECRETS, "the-key"]) expect(whole).not.toContain(secret);
    const { jobs, log, verdicts, metadata } = await readEvidence(folder.path);
    expect(metadata.redacted).toEqual({ prompts: true, text: true, log: true });
    const sha256 = createHash("sha256").update(`complete ${PROMPT}`).digest("hex");
    expect(jobs[0]!.body).toMatchObject({ prompt: `[redacted: 26 characters, sha256 ${sha256}]`, max_tokens: 20 });
    expect(jobs.map(({ outcome }) => outcome?.status)).toEqual([
      "complete",
      "answered",
      "worker-error",
      "invalid-event",
      "truncated",
      "unread",
    ]);
    const tokens = jobs[0]!.stream.events.flatMap((event) => (event.type === "token" ? [event.t] : []));
    expect(tokens).toEqual(["••••", "••••", "••••", "••••", "•"]);
    expect(log.length).toBeGreaterThan(5);
    expect(verdicts.verdicts.map(({ name }) => name)).toContain("quotes");
  });

  test("without it everything is there, but for credentials", async () => {
    await using folder = await createTemporaryFolder();
    const whole = await recordSecrets(folder.path, {});

    for (const secret of SECRETS.slice(0, 5)) expect(whole).toContain(secret);
    expect(whole).not.toContain("the-key");
  });

  test("prompts alone", async () => {
    await using folder = await createTemporaryFolder();
    const whole = await recordSecrets(folder.path, { redact: { prompts: true } });

    expect(whole).not.toContain(PROMPT);
    expect((await replay(folder.path))[0]!.events).toContainEqual({ type: "token", t: "my-p", i: 0 });
  });

  test("the bundled worker's log is kept: it has neither, and the stub's script is not in the arguments", async () => {
    await using folder = await createTemporaryFolder();
    await using worker = await WorkerTestHarness.startMock({ stub: { content: { script: [TEXT] } } });
    await worker.recordTo(folder.path, { redact: true });
    await complete(worker, { prompt: PROMPT });
    await worker.stop();

    const whole = await readWhole(folder.path);
    for (const secret of [PROMPT, TEXT]) expect(whole).not.toContain(secret);
    const { log, metadata } = await readEvidence(folder.path);
    expect(metadata.redacted.log).toBe(false);
    expect(log.map(({ text }) => text).join("\n")).toContain("execute_end");
    expect(metadata.worker.args).toContain("--stub-config");
  });
});

describe('when: "failure"', () => {
  async function record(act: (parts: Parts) => Promise<unknown> | void, prompt = "complete"): Promise<string[]> {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "bundle");
    const worker = await WorkerTestHarness.launch(foreignWorker());
    const recording = await worker.recordTo(path, { when: "failure" });
    await collect(worker, { prompt });
    await act({ worker, recording });
    await worker.stop();
    return existsSync(path) ? await readdir(path) : [];
  }
  type Parts = { worker: WorkerTestHarness; recording: Awaited<ReturnType<WorkerTestHarness["recordTo"]>> };

  test("nothing is left of a test without a failure", async () => {
    expect(await record(() => undefined)).toEqual([]);
    expect(await record(({ recording }) => recording.verdict("good", "pass"))).toEqual([]);
    expect(await record(({ worker }) => worker.execute(makeRequest({ prompt: "teapot" })))).toEqual([]);
  });

  test.each<[string, (parts: Parts) => Promise<unknown> | void, string?]>([
    ["fail()", ({ recording }) => recording.fail(new Error("wrong"))],
    ["keep()", ({ recording }) => recording.keep()],
    ["a verdict", ({ recording }) => recording.verdict("bad", "fail")],
    ["a broken stream", () => undefined, "truncated"],
  ])("%s keeps it", async (_, act, prompt) => {
    expect((await record(act, prompt)).sort()).toEqual([
      "metadata.json",
      "seeds.json",
      "timings.json",
      "transcript.ndjson",
      "verdicts.json",
      "worker.log",
    ]);
  });

  test("fail() after the stop writes it then", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "bundle");
    const worker = await stubEngine.start();
    const recording = await worker.recordTo(path, { when: "failure" });
    await complete(worker);
    await worker.stop();
    expect(existsSync(path)).toBe(false);

    await recording.fail(new Error("the runner says so"));

    const { jobs, verdicts } = await readEvidence(path);
    expect(jobs).toHaveLength(1);
    expect(verdicts.verdicts).toMatchObject([{ name: "test", status: "fail", message: "the runner says so" }]);
  });
});

describe("a bundle that cannot be written", () => {
  test("is refused at once where that can be known", async () => {
    await using folder = await createTemporaryFolder();
    await using worker = await stubEngine.start();
    await writeFile(join(folder.path, "file"), "");

    expect(await rejectionOf(worker.recordTo(join(folder.path, "file")))).toMatchObject({ code: "EVIDENCE_FAILED" });
    await worker.recordTo(join(folder.path, "good"));
    expect((await rejectionOf(worker.recordTo(join(folder.path, "good")))).message).toContain(
      "for this recording alone",
    );
    await worker.stop();
    expect(await rejectionOf(worker.recordTo(folder.path))).toMatchObject({ code: "INVALID_OPTION" });
  });

  async function breakFolder(worker: WorkerTestHarness, path: string) {
    const recording = await worker.recordTo(path);
    await rm(path, { recursive: true });
    await writeFile(path, "in the way");
    return recording;
  }

  test("fails the stop, and names what the test had failed with", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await stubEngine.start();
    const recording = await breakFolder(worker, join(folder.path, "bundle"));
    await recording.fail(new Error("expected 5 tokens"));

    const failure = await rejectionOf(worker.stop());
    expect(failure).toMatchObject({ code: "EVIDENCE_FAILED" });
    expect(failure.message).toContain("testFailedWith: expected 5 tokens");
    expect(await rejectionOf(recording.fail("again"))).toMatchObject({ code: "EVIDENCE_FAILED" });
  });

  test("comes after what the worker did wrong", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await WorkerTestHarness.launch(foreignWorker());
    await breakFolder(worker, join(folder.path, "bundle"));
    await collect(worker, { prompt: "dies-mid-stream" });

    const { errors } = (await rejectionOf(worker.stop())) as AggregateError;
    expect(errors).toMatchObject([{ code: "PROCESS_DIED" }, { code: "EVIDENCE_FAILED" }]);
  });
});

test("maxBytes bounds the bundle, and what is missing is marked", async () => {
  await using folder = await createTemporaryFolder();
  const maxBytes = 100_000;
  const worker = await stubEngine.start({ parallel: 4 });
  await worker.recordTo(folder.path, { maxBytes });
  assertAllOk(await worker.executeAll(makeRequests(12, { max_tokens: 300 }), { concurrency: 1 }));
  await worker.stop();

  const sizes = await Promise.all(
    (await readdir(folder.path)).map(async (name) => (await readFile(join(folder.path, name))).length),
  );
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(maxBytes + 4_096);
  const { transcript, metadata, jobs } = await readEvidence(folder.path);
  const cut = transcript.at(-1)!;
  expect(cut).toMatchObject({ kind: "cut", droppedLineCount: metadata.transcript.droppedLineCount });
  expect(metadata.transcript.droppedLineCount).toBeGreaterThan(100);
  expect(jobs[0]!.stream.outcome.status).toBe("complete");
  const lost = jobs.find((job) => !job.hasStream)!;
  expect(() => lost.stream).toThrow("the transcript was cut at `maxBytes`");
  expect(await rejectionOf(replay(folder.path))).toMatchObject({ code: "EVIDENCE_INVALID" });
});

test("several recordings, and none", async () => {
  await using folder = await createTemporaryFolder();
  const worker = await stubEngine.start();
  await complete(worker);
  await worker.recordTo(join(folder.path, "first"));
  await complete(worker);
  await worker.recordTo(join(folder.path, "second"));
  const response = await worker.execute(makeRequest());
  await collectStream(response);
  await worker.stop();

  expect(await replay(join(folder.path, "first"))).toHaveLength(2);
  expect(await replay(join(folder.path, "second"))).toHaveLength(1);
});
