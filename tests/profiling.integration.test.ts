import { describe, expect, test } from "vitest";
import { isTestkitError, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import {
  assertMeets,
  judgeLimits,
  LoadProgressFailedError,
  planLoad,
  runLoad,
  type LoadOptions,
  type LoadProgress,
  type LoadResult,
} from "inference-testkit/load";
import { rejectionOf, waitFor } from "./support/conditions.js";
import { describeEngines, stubEngine, useWorker } from "./support/engines.js";

const requests = (index: number, random: () => number) =>
  makeTestRequest(`job-${index}`, `Say ${Math.floor(random() * 1000)}`, 12);

describeEngines((engine) => {
  const worker = useWorker(() => engine.start({ parallel: 2 }));

  test("a closed loop: every request has its record, and the worker has counted the same tokens", async () => {
    const result = await runLoad(worker(), {
      profile: { kind: "concurrency", clients: 2 },
      requests,
      stop: { count: 12 },
      warmup: { count: 2 },
    });

    expect(result.counts).toEqual({ attempted: 12, byStatus: { ok: 12 } });
    expect(result).toMatchObject({
      status: "complete",
      ended: { by: "count" },
      warmup: { attempted: 2, ok: 2 },
      rate: null,
    });
    expect(result.records.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(result.tokenCheck).toMatchObject({ status: "compared", difference: 0 });
    expect(result.figures.concurrencyPeak.value).toBe(2);
    expect(result.machine.model).toBe((await worker().health()).model);
    for (const record of result.records) expectInOrder(record);
    expectOwnArithmetic(result);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});

/** The time stamps of an ok request come in their order. */
function expectInOrder(record: LoadResult["records"][number]): void {
  const { schedMs, sendMs, headersMs, firstMs, lastMs, terminalMs, closeMs } = record;
  const stamps = [schedMs, sendMs, headersMs, firstMs, lastMs, terminalMs, closeMs];

  expect(stamps.every((stamp) => stamp !== null && stamp >= 0)).toBe(true);
  expect([...stamps].sort((a, b) => a! - b!)).toEqual(stamps);
}

/** The figures are what the definitions make of the records. */
function expectOwnArithmetic({ records, window, figures, latency }: LoadResult): void {
  const seconds =
    (Math.max(...records.map(({ closeMs }) => closeMs)) - Math.min(...records.map(({ sendMs }) => sendMs))) / 1000;
  const tokens = records.reduce((sum, { tokensOut }) => sum + (tokensOut ?? 0), 0);
  const events = records.reduce((sum, { contentEventCount }) => sum + contentEventCount, 0);

  expect(window.durationMs / 1000).toBeCloseTo(seconds, 5);
  expect(figures.requestThroughput.value).toBeCloseTo(records.length / seconds, 2);
  expect(figures.tokenThroughput.value).toBeCloseTo(tokens / seconds, 2);
  expect(latency.itl.count).toBe(events - records.length);
}

describe("with the stub", () => {
  const worker = useWorker(() =>
    WorkerTestHarness.startMock({ parallel: 16, stub: { timing: { ttftMs: 20, itlMs: 4 } } }),
  );
  const run = (options: Partial<LoadOptions> = {}) =>
    runLoad(worker(), { profile: { kind: "serial" }, requests, stop: { count: 3 }, ...options });

  test("an open loop sends on schedule, however long the answers take", async () => {
    const profile = { kind: "poisson", ratePerSec: 80 } as const;
    const result = await run({ profile, stop: { count: 40 }, seed: 7 });
    const schedule = planLoad(profile, { count: 40, durationMs: Infinity }, 7n);
    const planned = schedule.kind === "open" ? schedule.arrivals.map(({ atMs }) => atMs) : [];

    expect(result.plan).toMatchObject({ judgedFrom: "schedule", seed: "7", requestCount: 40 });
    for (const { index, schedMs, sendMs } of result.records) {
      expect(schedMs).toBeCloseTo(planned[index]!, 2);
      expect(sendMs).toBeGreaterThanOrEqual(schedMs);
    }
    expect(result.figures.concurrencyPeak.value).toBeGreaterThan(1);
    expect(result.counts.byStatus).toEqual({ ok: 40 });
  });

  test("two client threads run the same schedule as one, and their parts are merged", async () => {
    const profile = { kind: "constant", ratePerSec: 60 } as const;
    const options = { profile, stop: { count: 30 }, warmup: { count: 4 }, seed: 3 };
    const [one, two] = [await run(options), await run({ ...options, clientThreads: 2 })];

    expect(two.records.map(({ schedMs }) => schedMs)).toEqual(one.records.map(({ schedMs }) => schedMs));
    expect(two.records.map(({ jobId }) => jobId)).toEqual(one.records.map(({ jobId }) => jobId));
    expect(two.records.map(({ client }) => client).slice(0, 4)).toEqual([0, 1, 0, 1]);
    expect(two.clients).toHaveLength(2);
    expect(two.counts.byStatus).toEqual({ ok: 30 });
    expect(two.latency.itl.count).toBe(one.latency.itl.count);
    expect(two.tokenCheck).toMatchObject({ status: "compared", difference: 0 });
  });

  test("two client threads share a closed loop", async () => {
    const result = await run({ profile: { kind: "concurrency", clients: 3 }, stop: { count: 9 }, clientThreads: 2 });

    expect(result.records.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(result.figures.concurrencyPeak.value).toBeLessThanOrEqual(3);
    expect(result.counts.byStatus).toEqual({ ok: 9 });
  });

  test("two client threads run the phases of a sweep, and the stages of a load", async () => {
    const stage = { profile: { kind: "constant", ratePerSec: 50 }, durationMs: 200 } as const;
    const sweep = await run({
      profile: { kind: "concurrency-sweep", clients: [2, 4] },
      stop: { count: 8 },
      clientThreads: 2,
    });
    const staged = await run({
      profile: { kind: "stages", stages: [stage, stage] },
      stop: { count: 20 },
      clientThreads: 2,
    });

    expect(sweep.response?.steps).toMatchObject([
      { offered: 2, attempted: 8 },
      { offered: 4, attempted: 8 },
    ]);
    expect(sweep.clients.map(({ client }) => client)).toEqual([0, 1]);
    expect(staged.response?.steps).toMatchObject([{ attempted: 10 }, { attempted: 10 }]);
    for (const { itl } of [...sweep.response!.steps, ...staged.response!.steps]) expect(itl.count).toBeGreaterThan(0);
  });

  test("a worker known only by its address", async () => {
    await using attached = await WorkerTestHarness.attach(worker().baseUrl);
    const result = await runLoad(attached, { profile: { kind: "burst", size: 5 }, requests });

    expect(result).toMatchObject({ ended: { by: "schedule" }, counts: { byStatus: { ok: 5 } }, rate: null });
  });

  test("the duration ends a closed loop; requests in flight are waited for", async () => {
    const result = await run({ stop: { durationMs: 300 } });

    expect(result).toMatchObject({ status: "complete", ended: { by: "time" } });
    expect(result.records.length).toBeGreaterThan(0);
    expect(result.counts.byStatus).toEqual({ ok: result.records.length });
  });

  test.each([1, 2])(
    "the signal ends a run with %d client threads; the result is marked as partial",
    async (clientThreads) => {
      const controller = new AbortController();
      const long = (index: number) => makeTestRequest(`long-${index}`, "Go on", 2000);
      const onProgress = ({ running }: LoadProgress) => {
        if (running === 4) controller.abort(); // told four times a second, also while nothing happens
      };
      const profile = { kind: "concurrency", clients: 4 } as const;
      const options = {
        profile,
        requests: long,
        stop: { count: 50 },
        clientThreads,
        onProgress,
        signal: controller.signal,
      };
      const result = await run(options);

      expect(result).toMatchObject({ status: "partial", ended: { by: "abort" }, validity: { status: "invalid" } });
      expect(result.counts).toEqual({ attempted: 4, byStatus: { aborted: 4 } });
      expect(() => assertMeets(result, { errorRate: 1 })).toThrow("LOAD_INVALID");
      await waitFor("an idle worker", async () => ((await worker().health()).slots.busy === 0 ? true : undefined));
    },
  );

  test("with an aborted signal nothing is sent, not even a warm-up", async () => {
    const result = await run({ signal: AbortSignal.abort(), warmup: { count: 5 } });

    expect(result).toMatchObject({ status: "partial", records: [], warmup: { attempted: 0 } });
    expect(result.validity.reasons.map(({ code }) => code)).toEqual(["nothing-sent", "partial"]);
  });

  test("every status is counted, and only ok requests have latencies", async () => {
    const mixed = (index: number) =>
      index % 3 === 0
        ? { prompt: "", max_tokens: 5 }
        : makeTestRequest(`job-${index}`, "x", index % 3 === 1 ? 5 : 2000);
    const result = await run({ requests: mixed, stop: { count: 6 }, timeouts: { totalMs: 300 } });

    expect(result.counts).toEqual({ attempted: 6, byStatus: { "http-error": 2, ok: 2, "limit-exceeded": 2 } });
    expect(result.latency.e2e.count).toBe(2);
    expect(result.latency.clientDelay.count).toBe(6);
    expect(result.records[0]).toMatchObject({ status: "http-error", httpStatus: 400, firstMs: null });
    expect(result.records[2]).toMatchObject({ status: "limit-exceeded", code: "totalMs" });
    expect(result.tokenCheck).toMatchObject({ status: "unavailable" });
    expect(() => assertMeets(fromIdleClient(result), { errors: 3 })).toThrow("LOAD_LIMIT_MISSED");
  });

  test("too many errors end the run", async () => {
    const refused = () => ({ prompt: "" });
    const result = await run({ requests: refused, stop: { count: 500, errorRate: 0.5 } });

    expect(result).toMatchObject({ status: "partial", ended: { by: "error-rate" } });
    expect(result.records).toHaveLength(20);
  });

  test("a worker that hangs forever does not hang the run", async () => {
    await using hanging = await WorkerTestHarness.startMock({ stub: { timing: { ttftMs: 3_000_000 } } });
    const timeouts = { firstTokenMs: Infinity, transportIdleMs: Infinity, totalMs: Infinity };
    const result = await runLoad(hanging, {
      profile: { kind: "serial" },
      requests,
      stop: { count: 2 },
      timeouts,
      stallTimeoutMs: 300,
    });

    expect(result).toMatchObject({ status: "partial", ended: { by: "stall" }, counts: { byStatus: { aborted: 1 } } });
  });

  test("progress is reported, and an exception in the callback fails the run afterwards, with the result", async () => {
    const told: LoadProgress[] = [];
    await run({ warmup: { count: 1 }, onProgress: (progress) => told.push(progress) });
    const error = await rejectionOf(
      run({
        onProgress: () => {
          throw new Error("no terminal");
        },
      }),
    );

    expect(told.filter(({ phase }) => phase === "warmup").at(-1)).toMatchObject({ planned: 1, sent: 1, done: 1 });
    expect(told.at(-1)).toMatchObject({ phase: "measure", planned: 3, done: 3, running: 0, byStatus: { ok: 3 } });
    expect(isTestkitError(error, "PROGRESS_FAILED")).toBe(true);
    expect(error instanceof LoadProgressFailedError && error.result.counts.attempted).toBe(3);
  });

  test.each([{ count: 3 }, { durationMs: 60_000 }])(
    "a request function that throws rejects the run (%j)",
    async (stop) => {
      const failing = (index: number) => {
        if (index === 2) throw new Error("no prompt left");
        return makeTestRequest(`job-${index}`, "x", 5);
      };
      const error = await rejectionOf(run({ requests: failing, stop }));

      expect(error.message).toContain("[INVALID_OPTION] `requests` threw for request 2: no prompt left");
    },
  );

  test("a client thread that cannot start is LOAD_CLIENT_LOST", async () => {
    const nowhere = new Proxy(worker(), {
      get: (target, name) => (name === "baseUrl" ? "no address" : (Reflect.get(target, name, target) as unknown)),
    });
    const error = await rejectionOf(
      runLoad(nowhere, { profile: { kind: "serial" }, requests, stop: { count: 2 }, clientThreads: 2 }),
    );

    expect(isTestkitError(error, "LOAD_CLIENT_LOST")).toBe(true);
  });
});

/** The same requests as a client on an idle machine would have sent them: what is judged here is the worker. */
function fromIdleClient(result: LoadResult): LoadResult {
  const clients = result.clients.map((client) => ({
    ...client,
    cpuShare: 0.1,
    eventLoopDelayMs: { ...client.eventLoopDelayMs, p99: 0 },
  }));
  return { ...result, clients, records: result.records.map((record) => ({ ...record, schedMs: record.sendMs })) };
}

test("a worker that meets the limits passes, and one that does not fails", async () => {
  await using worker = await stubEngine.start({ parallel: 4 });
  await using slow = await WorkerTestHarness.startMock({ parallel: 4, stub: { timing: { ttftMs: 400, itlMs: 5 } } });
  const load = { profile: { kind: "concurrency", clients: 4 }, requests, stop: { count: 16 } } as const;

  const quick = fromIdleClient(await runLoad(worker, load));
  assertMeets(quick, { ttft: { p50: 20_000 }, errors: 0, goodputRatio: 1 });
  const slowResult = fromIdleClient(await runLoad(slow, load));
  expect(() => assertMeets(slowResult, { ttft: { p50: 300 } })).toThrow("LOAD_LIMIT_MISSED");
  expect(() => assertMeets(slowResult, { ttft: { p99: 20_000 } })).toThrow("LOAD_NOT_ENOUGH_SAMPLES");
});

test("a worker that stands still for a while misses the limits of a closed loop", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 4, stub: { timing: { itlMs: 5 } } });
  // The harness pauses the process in the middle of the 9th request. That one takes 2 s, so that it cannot be over by then.
  await worker.faults.arm([{ id: "pause", forMs: 4_000, when: { nth: 9 }, at: { afterTokens: 4 } }]);

  const result = await runLoad(worker, {
    profile: { kind: "concurrency", clients: 4 },
    requests: (index) => makeTestRequest(`job-${index}`, "Hello", index >= 5 && index <= 12 ? 400 : 12),
    stop: { count: 40 },
  });

  expect(result.counts.byStatus).toEqual({ ok: 40 });
  expect(Math.max(...result.stalls!.map(({ durationMs }) => durationMs))).toBeGreaterThan(3_000);
  expect(result.stalls!.some(({ heldCount }) => heldCount >= 2)).toBe(true);
  const { status, checks } = judgeLimits(fromIdleClient(result), { ttft: { p90: 60_000 }, errors: 0 });
  expect({ status, failed: checks.filter((check) => check.status === "fail").map(({ name }) => name) }).toEqual({
    status: "fail",
    failed: ["stalled time"],
  });
});
