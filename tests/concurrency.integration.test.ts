import { describe, expect, test } from "vitest";
import {
  assertAllOk,
  assertCancelled,
  executeAll,
  makeTestRequest,
  ProgressFailedError,
  TestModel,
  waitForIdle,
  WorkerClient,
  WorkerTestHarness,
  type ExecuteBody,
  type JobItem,
  type JobOutcome,
  type JobProgress,
} from "inference-testkit";
import { rejectionOf, waitFor } from "./support/conditions.js";
import { describeEngines, startLlama, stubEngine, useWorker } from "./support/engines.js";
import { complete, makeRequest, makeRequests, statusesOf } from "./support/jobs.js";
import { LONG } from "./support/limits.js";

const SLOW_MS = 90_000;

const textOf = (outcome: JobOutcome) => (outcome.status === "ok" ? outcome.text : outcome.status);

describeEngines((engine) => {
  const worker = useWorker(() =>
    engine.startSlow({ parallel: 4, batchInvariant: true, maxQueue: 100, contextSize: 2200 }),
  );

  test("100 requests at once, ten cancelled after their third token: the other ninety have exactly the expected tokens", async () => {
    const isCancelled = (index: number) => index % 10 === 3;
    const requests = makeRequests(100, { max_tokens: 8 }).map((request, seed) => ({ ...request, seed }));
    const expected = await worker().executeAll(requests, { concurrency: 1 });
    assertAllOk(expected);

    const outcomes = await worker().executeAll(
      requests.map((request, index): JobItem => {
        return isCancelled(index) ? { request: { ...request, max_tokens: LONG }, cancelAfter: { tokens: 3 } } : request;
      }),
    );

    const cancelled = outcomes.filter(({ index }) => isCancelled(index));
    const others = outcomes.filter(({ index }) => !isCancelled(index));
    expect(statusesOf(cancelled)).toEqual(Array(10).fill("cancelled"));
    for (const { cancel } of cancelled) {
      assertCancelled(cancel!);
      expect(cancel.tokensBefore).toBeGreaterThanOrEqual(3);
    }
    assertAllOk(others);
    expect(others.map(({ text }) => text)).toEqual(others.map(({ index }) => expected[index]!.text));
    expect(others.map(({ tokens }) => tokens)).toEqual(others.map(({ index }) => expected[index]!.tokens));
    expect(new Set(expected.map(({ text }) => text)).size).toBe(100);
    await waitForIdle(worker());
  });

  test("outcomes are in the order of the requests, whichever job finishes first", async () => {
    const requests = [300, 1, 20, 5].map((max_tokens) => makeRequest({ max_tokens }));

    const outcomes = await worker().executeAll(requests);

    assertAllOk(outcomes);
    expect(outcomes.map(({ jobId }) => jobId)).toEqual(requests.map(({ job_id }) => job_id));
    expect(outcomes.map(({ end }) => end.tokens_out)).toEqual([300, 1, 20, 5]);
    const closedAt = outcomes.map(({ timings }) => timings.closedAtMs);
    expect(closedAt[1]).toBeLessThan(closedAt[0]!);
  });

  test("every time of an ok job is present and in order", async () => {
    const [outcome] = await worker().executeAll([makeRequest()]);
    assertAllOk([outcome!]);

    const { sentAtMs, headersAtMs, firstTokenAtMs, lastTokenAtMs, terminalAtMs, closedAtMs } = outcome!.timings;
    const times = [sentAtMs, headersAtMs, firstTokenAtMs, lastTokenAtMs, terminalAtMs, closedAtMs];
    expect(times.every((time) => typeof time === "number")).toBe(true);
    expect(times).toEqual([...times].sort((a, b) => a! - b!));
    expect(outcome!.stream!.arrivals).toHaveLength(outcome!.stream!.events.length);
  });

  test("at most `concurrency` requests are in flight", async () => {
    const seen: JobProgress[] = [];

    const outcomes = await worker().executeAll(makeRequests(12, { max_tokens: 3 }), {
      concurrency: 3,
      onProgress: (progress) => seen.push(progress),
    });

    assertAllOk(outcomes);
    expect(Math.max(...seen.map(({ running }) => running))).toBe(3);
    expect(seen).toHaveLength(24);
    expect(seen.at(-1)).toEqual({ total: 12, sent: 12, running: 0, done: 12, byStatus: { ok: 12 } });
  });
});

describe("open streams", { timeout: SLOW_MS }, () => {
  test("500 jobs at once are 500 open streams", async () => {
    await using worker = await stubEngine.startSlow({ parallel: 500 });
    const stop = new AbortController();
    const all = worker.executeAll(makeRequests(500, { max_tokens: LONG }), { signal: stop.signal });

    await waitFor("500 busy slots", async () => (await worker.health()).slots.busy === 500 || undefined, SLOW_MS);
    stop.abort();

    expect(new Set(statusesOf(await all))).toEqual(new Set(["aborted"]));
    await waitForIdle(worker);
  });
});

describe("several harnesses in one test", () => {
  test("three workers at once, two engines, each with its own tokens", async () => {
    await using first = await WorkerTestHarness.startMock({ parallel: 2 });
    await using second = await WorkerTestHarness.startMock({ parallel: 2, stub: { content: "counter" } });
    await using third = await startLlama(await TestModel.synthetic(), { parallel: 2 });
    const requests = makeRequests(10, { max_tokens: 5 });

    const all = await Promise.all([first, second, third].map((worker) => worker.executeAll(requests)));

    for (const outcomes of all) assertAllOk(outcomes);
    const [words, counts, generated] = all.map((outcomes) => outcomes.map(textOf));
    expect(counts).toEqual(Array(10).fill("0 1 2 3 4 "));
    expect(words).not.toEqual(counts);
    expect(generated).not.toEqual(words);
  });
});

describe("through other targets", () => {
  test("a client and an attached harness run jobs too", async () => {
    await using worker = await WorkerTestHarness.startMock({ parallel: 4 });
    await using attached = await WorkerTestHarness.attach(worker.baseUrl);
    const client = new WorkerClient({ baseUrl: worker.baseUrl });
    const reference = await complete(worker, { max_tokens: 5 });

    const outcomes = [
      ...(await executeAll(client, [makeRequest({ max_tokens: 5 })])),
      ...(await attached.executeAll([makeRequest({ max_tokens: 5 })])),
    ];
    await client.close();

    expect(outcomes.map(textOf)).toEqual([reference.text, reference.text]);
  });
});

describe("aborting", () => {
  test("running jobs are cut, the others are never sent", async () => {
    await using worker = await stubEngine.startSlow({ parallel: 2 });
    const stop = new AbortController();
    const onProgress = ({ sent }: JobProgress) => {
      if (sent === 2) setTimeout(() => stop.abort(new Error("enough")), 20);
    };

    const outcomes = await worker.executeAll(makeRequests(5, { max_tokens: LONG }), {
      concurrency: 2,
      signal: stop.signal,
      onProgress,
    });

    expect(statusesOf(outcomes)).toEqual(Array(5).fill("aborted"));
    const sent = outcomes.map(({ timings }) => timings.sentAtMs !== undefined);
    expect(sent).toEqual([true, true, false, false, false]);
    await waitForIdle(worker);
  });

  test("with an aborted signal, nothing is sent", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const outcomes = await worker.executeAll(makeRequests(2), { signal: AbortSignal.abort() });

    expect(outcomes).toMatchObject(Array(2).fill({ status: "aborted", message: /never|not sent/ }));
    expect((await worker.metrics()).text).not.toContain('outcome="completed"} 2');
  });
});

describe("progress", () => {
  test("an exception in onProgress is reported when every job has ended, with all outcomes", async () => {
    await using worker = await WorkerTestHarness.startMock({ parallel: 2 });
    let calls = 0;
    const onProgress = () => {
      calls += 1;
      throw new Error("broken bar");
    };

    const error = await rejectionOf(worker.executeAll(makeRequests(5), { onProgress }));

    if (!(error instanceof ProgressFailedError)) throw error;
    expect(error.code).toBe("PROGRESS_FAILED");
    expect(error.message).toContain("broken bar");
    expect(calls).toBe(1);
    assertAllOk(error.outcomes);
    expect(error.outcomes).toHaveLength(5);
  });
});

describe("invalid options are rejected before anything is sent", () => {
  const worker = useWorker(() => WorkerTestHarness.startMock());
  const twice = [makeTestRequest("same", "x", 1), makeTestRequest("same", "x", 1)];

  test.each<[string, readonly JobItem[], object]>([
    ["`concurrency`", [], { concurrency: 0 }],
    ["`concurrency`", [], { concurrency: 1.5 }],
    ["`concurency`", [], { concurency: 1 }],
    ["`onProgress`", [], { onProgress: 1 }],
    ["unique ids", twice, {}],
    ["`requests[1]`", [makeRequest(), null as unknown as ExecuteBody], {}],
    ["`requests`", "job" as unknown as ExecuteBody[], {}],
    ["`cancelafter`", [{ request: makeRequest(), cancelafter: {} }], {}],
    ["`requests[0].cancelAfter`", [{ request: makeRequest(), cancelAfter: {} as { ms: number } }], {}],
    ["`requests[0].cancelAfter.tokens`", [{ request: makeRequest(), cancelAfter: { tokens: -1 } }], {}],
    ["`requests[0].request.job_id`", [{ request: {}, cancelAfter: { tokens: 1 } }], {}],
    [
      "`requests[0].disconnectAfter.how`",
      [{ request: makeRequest(), disconnectAfter: { tokens: 1, how: "x" as "reset" } }],
      {},
    ],
    [
      "not both",
      [{ request: makeRequest(), cancelAfter: { ms: 1 }, disconnectAfter: { tokens: 1, how: "reset" } }],
      {},
    ],
    ["`requests[0]` to have `cancelAfter` beside", [{ ...makeRequest(), cancelAfter: { tokens: 1 } }], {}],
    ["`requests[0]` to have `disconnectAfter` beside", [{ ...makeRequest(), disconnectAfter: {} }], {}],
    ["`requests[0].headers`", [{ request: makeRequest(), headers: 5 as never }], {}],
    ["`nonces`", [], { nonces: "false" }],
    ["`allowDuplicateIds`", [], { allowDuplicateIds: 1 }],
    ["`options` to be an object", [], 5 as never],
    ["`options` to be an object", [], null as never],
    ["`requests[0].timeouts.totalMs`", [{ request: makeRequest(), timeouts: { totalMs: -1 } }], {}],
  ])("%s", async (named, requests, options) => {
    const error = await rejectionOf(worker().executeAll(requests, options));

    expect(error.message).toContain("[INVALID_OPTION]");
    expect(error.message).toContain(named);
    expect((await worker().metrics()).value("worker_requests_total", { outcome: "completed" }) ?? 0).toBe(0);
  });

  test.each([null, {}, "http://127.0.0.1:1"])("the target %j", async (target) => {
    await expect(executeAll(target as never, [makeRequest()])).rejects.toThrow(
      "Expected `target` to be a harness or a WorkerClient",
    );
  });

  test("`allowDuplicateIds` lets a test see the 409", async () => {
    await using slow = await stubEngine.startSlow({ parallel: 2 });
    const outcomes = await slow.executeAll(
      twice.map((request) => ({ ...request, max_tokens: 200 })),
      {
        allowDuplicateIds: true,
      },
    );

    expect(statusesOf(outcomes).sort()).toEqual(["http-error", "ok"]);
  });
});
