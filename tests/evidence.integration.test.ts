import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  assertAllOk,
  collectStream,
  readEvidence,
  replay,
  TestModel,
  WorkerTestHarness,
  type Recording,
} from "inference-testkit";
import { rejectionOf } from "./support/conditions.js";
import { describeEngines, llamaEngine, stubEngine } from "./support/engines.js";
import { expectSame } from "./support/evidence.js";
import { foreignWorker } from "./support/foreign.js";
import { collect, complete, makeRequest, makeRequests } from "./support/jobs.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

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
    const { ttftMs, e2eMs, tpotMs, itlMs } = timings[0]!;
    expect(ttftMs).toBeGreaterThan(0);
    expect(e2eMs).toBeCloseTo(ttftMs! + itlMs.reduce((sum, ms) => sum + ms, 0), 1);
    expect(tpotMs).toBeCloseTo((e2eMs! - ttftMs!) / 4, 1);
    expect(log.map(({ text }) => text).join("\n")).toContain("execute_end");
    expect(verdicts).toMatchObject({ verdicts: [], faults: [], failures: [], stop: { killed: false } });
  });
});

test("the model has its hash, or the reason why there is none", async () => {
  await using folder = await createTemporaryFolder();
  const model = await TestModel.synthetic();
  const worker = await llamaEngine.start();
  await worker.recordTo(join(folder.path, "hashed"));
  await worker.recordTo(join(folder.path, "not"), { hashModel: false });
  await worker.stop();
  const read = async (name: string) => (await readEvidence(join(folder.path, name))).metadata.worker.modelFile;

  const bytes = await readFile(model.path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(await read("hashed")).toEqual({ path: model.path, sizeBytes: bytes.length, sha256 });
  expect(await read("not")).toMatchObject({ skipped: "`hashModel` is false" });
});

describe("nothing observed is lost", () => {
  test("a worker that dies: the bundle has the part of the stream that arrived, the log and the failure", async () => {
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

  test("a fault and a recording observe the same stream", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await stubEngine.startSlow();
    await worker.recordTo(folder.path);
    await worker.faults.arm([{ id: "kill", at: { afterTokens: 3 } }]);
    const live = await collect(worker);
    await worker.stop();

    const { jobs, verdicts, metadata } = await readEvidence(folder.path);
    expect(live.outcome.status).toBe("transport-error");
    expectSame(jobs[0]!.stream, live);
    expect(verdicts.faults).toMatchObject([{ id: "kill", fired: 1 }]);
    expect(metadata.worker.exit).toEqual({ kind: "signalled", signal: "SIGKILL" });
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
    expect(() => jobs[3]!.stream).toThrow(
      /\[EVIDENCE_INVALID\] request 4 .* not an event stream \(status 418, answered\)/,
    );
    expect(await replay(folder.path)).toHaveLength(3);
  });

  test("many jobs at once: each is complete, and the transcript is in order of arrival", async () => {
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

  test("the output after a restart and of the process before", async () => {
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

describe('when: "failure"', () => {
  async function record(act: (parts: Parts) => unknown, prompt = "complete"): Promise<string[]> {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "bundle");
    const worker = await WorkerTestHarness.launch(foreignWorker());
    const recording = await worker.recordTo(path, { when: "failure" });
    await collect(worker, { prompt });
    await act({ worker, recording });
    await worker.stop();
    return existsSync(path) ? await readdir(path) : [];
  }
  interface Parts {
    readonly worker: WorkerTestHarness;
    readonly recording: Recording;
  }
  test("a test without a failure leaves nothing", async () => {
    expect(await record(() => undefined)).toEqual([]);
    expect(await record(({ recording }) => recording.verdict("good", "pass"))).toEqual([]);
    expect(await record(({ worker }) => worker.execute(makeRequest({ prompt: "teapot" })))).toEqual([]);
  });

  test.each<[string, (parts: Parts) => unknown, string?]>([
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

  test("fail() after the stop still writes it", async () => {
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
  test("is rejected immediately if that can be known", async () => {
    await using folder = await createTemporaryFolder();
    await using worker = await stubEngine.start();
    await writeFile(join(folder.path, "file"), "");

    expect(await rejectionOf(worker.recordTo(join(folder.path, "file")))).toMatchObject({ code: "EVIDENCE_FAILED" });
    await worker.recordTo(join(folder.path, "good"));
    expect((await rejectionOf(worker.recordTo(join(folder.path, "good")))).message).toContain("by another recording");
    await worker.stop();
    expect(await rejectionOf(worker.recordTo(folder.path))).toMatchObject({ code: "INVALID_OPTION" });
  });

  async function breakFolder(worker: WorkerTestHarness, path: string) {
    const recording = await worker.recordTo(path);
    await rm(path, { recursive: true });
    await writeFile(path, "in the way");
    return recording;
  }

  test("fails the stop and names the error of the test", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await stubEngine.start();
    const recording = await breakFolder(worker, join(folder.path, "bundle"));
    await recording.fail(new Error("expected 5 tokens"));

    const failure = await rejectionOf(worker.stop());
    expect(failure).toMatchObject({ code: "EVIDENCE_FAILED" });
    expect(failure.message).toContain("testFailedWith: expected 5 tokens");
    expect(await rejectionOf(recording.fail("again"))).toMatchObject({ code: "EVIDENCE_FAILED" });
  });

  test("is reported after the errors of the worker", async () => {
    await using folder = await createTemporaryFolder();
    const worker = await WorkerTestHarness.launch(foreignWorker());
    await breakFolder(worker, join(folder.path, "bundle"));
    await collect(worker, { prompt: "dies-mid-stream" });

    const { errors } = (await rejectionOf(worker.stop())) as AggregateError;
    expect(errors).toMatchObject([{ code: "PROCESS_DIED" }, { code: "EVIDENCE_FAILED" }]);
  });
});

test("maxBytes limits the bundle, and missing parts are marked", async () => {
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
  expect(() => lost.stream).toThrow("the transcript was truncated at `maxBytes`");
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
