import { describe, expect, test } from "vitest";
import {
  collectStream,
  streamEvents,
  WorkerTestHarness,
  type InferenceEvent,
  type StartedEvent,
  waitForIdle,
} from "inference-testkit";
import { waitFor } from "./support/conditions.js";
import { describeEngines, useWorker } from "./support/engines.js";
import { collect, complete, makeRequest, nextJobId } from "./support/jobs.js";

/** How soon an answer must come that the protocol promises "at once" or within 100 ms; the rest is for a busy machine. */
const SOON_MS = 5_000;

/** What `started` says. */
/** worker-orcd reports every field. */
type WholeStart = { readonly [Name in keyof StartedEvent]-?: NonNullable<StartedEvent[Name]> };

function startOf(events: readonly InferenceEvent[]): WholeStart {
  expect(events[0]?.type).toBe("started");
  return events[0] as WholeStart;
}

describeEngines((engine) => {
  const worker = useWorker(() => engine.startSlow({ contextSize: 2200, maxQueue: 3 }));
  const idle = () =>
    waitFor("idle worker", async () => {
      const { busy, queued } = (await worker().health()).slots;
      return busy + queued === 0 || undefined;
    });

  test("a valid request is answered with an event stream and its headers", async () => {
    const response = await worker().execute(makeRequest());
    const { outcome } = await collectStream(response);

    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    });
    expect(response.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(outcome.status).toBe("complete");
  });

  test("job_id and prompt are enough: the other fields have defaults", async () => {
    const request = { job_id: nextJobId(), prompt: "Hi", stop: undefined };
    const response = await worker().execute(request);
    const seen: InferenceEvent[] = [];
    for await (const event of streamEvents(response)) if (seen.push(event) === 5) break;

    expect(startOf(seen)).toMatchObject({ job_id: request.job_id, model: (await worker().health()).model });
    await idle();
  });

  test("started has the job, the model and the current time in ISO 8601", async () => {
    const beforeMs = Date.now();
    const { events } = await complete(worker(), { job_id: "ü/\u{1f600} ?#", max_tokens: 1 });
    const { job_id, model, started_at } = startOf(events);

    expect({ job_id, model }).toEqual({ job_id: "ü/\u{1f600} ?#", model: (await worker().health()).model });
    expect(started_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
    expect(Date.parse(started_at)).toBeGreaterThanOrEqual(beforeMs - 1);
    expect(Date.parse(started_at)).toBeLessThanOrEqual(Date.now() + 1);
  });

  test.each([0n, 42n, 2n ** 53n + 1n, 2n ** 63n, 18_446_744_073_709_551_615n])(
    "seed %s is reported exactly, as a JSON integer",
    async (seed) => {
      const text = await (await worker().execute(makeRequest({ seed, max_tokens: 1 }))).text();
      const { events } = await complete(worker(), { seed, max_tokens: 1 });

      expect(text).toContain(`"seed":${seed}`);
      expect(BigInt(startOf(events).seed)).toBe(seed);
    },
  );

  test("a seed chosen by the worker differs each time and repeats the job when sent back", async () => {
    const chosen = await complete(worker(), { seed: null, temperature: 1 });
    const other = await complete(worker(), { seed: undefined, temperature: 1 });
    const { seed } = startOf(chosen.events);
    const again = await complete(worker(), { seed, temperature: 1 });

    expect(startOf(other.events).seed).not.toBe(seed);
    expect(again.text).toBe(chosen.text);
    expect(other.text).not.toBe(chosen.text);
  });

  test("end has the tokens, the time and the reason", async () => {
    const { end } = await complete(worker(), { max_tokens: 5 });

    expect(end).toEqual({
      type: "end",
      tokens_out: 5,
      decode_time_ms: expect.any(Number) as number,
      stop_reason: "max_tokens",
    });
    expect(end.decode_time_ms).toBeGreaterThan(0);
  });

  test("a prompt that leaves no room for the answer is rejected with CONTEXT_OVERFLOW before it starts", async () => {
    const response = await worker().execute(makeRequest({ prompt: "word ".repeat(6_000), max_tokens: 100 }));

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "CONTEXT_OVERFLOW", retriable: false });
    expect((await complete(worker())).end.tokens_out).toBe(20);
  });

  test("jobs wait for the slot, first in, first out; a full queue is 503 with Retry-After", async () => {
    const requests = Array.from({ length: 4 }, () => makeRequest({ max_tokens: 1500, temperature: 0 }));
    const responses = [];
    for (const request of requests) responses.push(await worker().execute(request)); // one after the other: the order counts
    const slots = (await worker().health()).slots;
    const refused = await worker().execute(makeRequest());
    const starts: string[] = [];
    const streams = responses.map((response, index) =>
      (async () => {
        for await (const event of streamEvents(response, { firstTokenMs: 60_000 })) {
          if (event.type !== "started") continue;
          starts.push(event.job_id ?? "");
          break; // the next one gets its turn
        }
        return index;
      })(),
    );
    await Promise.all(streams);

    expect(slots).toEqual({ total: 1, busy: 1, queued: 3 });
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    expect(await refused.json()).toMatchObject({ code: "QUEUE_FULL", retriable: true });
    expect(starts).toEqual(requests.map((request) => request.job_id));
    await idle();
  });

  test("an id that is running or queued is 409, and free again when its job has ended", async () => {
    const running = makeRequest({ max_tokens: 2000, temperature: 0 });
    const queued = makeRequest({ max_tokens: 1 });
    const responses = [await worker().execute(running), await worker().execute(queued)];

    for (const { job_id } of [running, queued]) {
      const response = await worker().execute(makeRequest({ job_id }));
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ code: "DUPLICATE_JOB", retriable: false });
    }
    await worker().cancel(running.job_id);
    await Promise.all(responses.map((response) => collectStream(response)));
    await complete(worker(), { job_id: running.job_id });
    await complete(worker(), { job_id: queued.job_id });
  });

  test("a cancelled job soon ends with CANCELLED, and nothing follows", async () => {
    const request = makeRequest({ max_tokens: 2000, temperature: 0 });
    const response = await worker().execute(request);
    let cancelledAtMs = 0;
    const seen: InferenceEvent[] = [];
    for await (const event of streamEvents(response)) {
      seen.push(event);
      if (seen.length !== 3) continue;
      expect(await worker().cancel(request.job_id)).toEqual({ job_id: request.job_id, state: "cancelling" });
      cancelledAtMs = performance.now();
    }

    expect(seen.at(-1)).toMatchObject({ type: "error", code: "CANCELLED", retriable: false });
    expect(performance.now() - cancelledAtMs).toBeLessThan(SOON_MS);
    expect(await worker().cancel(request.job_id)).toMatchObject({ state: "finished" });
  });

  test("a queued job that is cancelled ends with a lone error event, and never runs", async () => {
    const running = makeRequest({ max_tokens: 2000, temperature: 0 });
    const queued = makeRequest();
    const [first, second] = [await worker().execute(running), await worker().execute(queued)];

    const answer = await worker().cancel(queued.job_id);
    const { events } = await collectStream(second);
    await worker().cancel(running.job_id);
    await collectStream(first);

    expect(answer.state).toBe("cancelling");
    expect(events).toMatchObject([{ type: "error", code: "CANCELLED" }]);
  });

  test("a client that goes away frees its slot, running or queued", async () => {
    const running = await worker().execute(makeRequest({ max_tokens: 2000, temperature: 0 }));
    const queued = await worker().execute(makeRequest({ max_tokens: 2000 }));
    const before = (await worker().metrics()).value("worker_requests_total", { outcome: "disconnected" }) ?? 0;

    queued.abort();
    running.abort();

    await idle();
    const after = (await worker().metrics()).value("worker_requests_total", { outcome: "disconnected" });
    expect(after).toBe(before + 2);
  });
});

describeEngines((engine) => {
  test("a job that runs longer than its time-out ends with INFERENCE_TIMEOUT, and the next one runs", async () => {
    await using worker = await engine.startSlow({ inferenceTimeoutMs: 500, contextSize: 2200 });

    const { outcome, events } = await collect(worker, { max_tokens: 2048, temperature: 0 });

    expect(outcome).toMatchObject({ status: "worker-error", terminal: { code: "INFERENCE_TIMEOUT", retriable: true } });
    expect(events.some((event) => event.type === "token")).toBe(true);
    expect((await complete(worker, { max_tokens: 1 })).end.tokens_out).toBe(1);
    expect((await worker.metrics()).value("worker_requests_total", { outcome: "timeout" })).toBe(1);
  });

  test("four slots run four jobs at the same time, each with the same tokens as alone", async () => {
    await using worker = await engine.start({ parallel: 4, batchInvariant: true, contextSize: 1024 });
    const seeds = [1n, 2n, 3n, 4n];
    const alone = [];
    for (const seed of seeds) alone.push((await complete(worker, { seed, max_tokens: 60 })).text);

    const together = await Promise.all(seeds.map((seed) => complete(worker, { seed, max_tokens: 60 })));

    expect(together.map(({ text }) => text)).toEqual(alone);
    expect(new Set(alone).size).toBe(4);
    await waitForIdle(worker);
  });
});

describe("engine failures", () => {
  test.each([
    ["vram-oom", "VRAM_OOM", true],
    ["cuda-error", "CUDA_ERROR", false],
    ["inference-failed", "INFERENCE_FAILED", false],
  ] as const)("%s ends that job with %s, and the next one runs", async (id, code, retriable) => {
    await using worker = await WorkerTestHarness.startMock({ stub: { faults: [{ id, at: { afterTokens: 3 } }] } });

    const { events } = await collect(worker, { max_tokens: 10 });
    const { end } = await complete(worker, { max_tokens: 2 });

    expect(events.map((event) => event.type)).toEqual(["started", "token", "token", "token", "error"]);
    expect(events.at(-1)).toMatchObject({ code, retriable });
    expect(end.tokens_out).toBe(2);
    expect((await worker.metrics()).value("worker_requests_total", { outcome: "failed" })).toBe(1);
  });
});
