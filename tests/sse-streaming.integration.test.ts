import { describe, expect, test } from "vitest";
import {
  assertEventOrder,
  assertSuccessfulCompletion,
  assertTokenCount,
  BrokenStreamError,
  collectSseEvents,
  collectStream,
  extractEndEvent,
  extractText,
  isTestkitError,
  streamEvents,
  WorkerTestHarness,
  type CollectedStream,
  type InferenceEvent,
  type StreamOptions,
} from "inference-testkit";
import { rejectionOf, waitFor } from "./support/conditions.js";
import { describeEngines, useWorker } from "./support/engines.js";
import { foreignWorker } from "./support/foreign.js";
import { collect, complete, makeRequest } from "./support/jobs.js";

describeEngines((engine) => {
  const worker = useWorker(() => engine.startSlow());

  test("the stream on the wire: one event line, one data line, a blank line", async () => {
    const text = await (await worker().execute(makeRequest({ max_tokens: 8 }))).text();
    const frames = text.split("\n\n");

    expect(frames.pop()).toBe("");
    for (const frame of frames) {
      const [, name, data = ""] = /^event: ([a-z]+)\ndata: ([^\r\n]*)$/.exec(frame) ?? [];
      expect(JSON.parse(data)).toMatchObject({ type: name });
    }
    expect(frames[0]).toMatch(/^event: started\n/);
    expect(frames.at(-1)).toMatch(/^event: end\n/);
  });

  test("the order is started, tokens with i = 0, 1, 2, …, end; never more token events than tokens", async () => {
    const { events, end, tokens } = await complete(worker(), { max_tokens: 50, temperature: 1.5, seed: 7n });

    assertEventOrder(events);
    expect(tokens.length).toBeLessThanOrEqual(end.tokens_out);
    expect(tokens).not.toContain("");
  });

  test("all events arrive in order, and the collected figures match", async () => {
    const stream = await collect(worker(), { max_tokens: 10 });

    expect([...stream.arrivals].sort((a, b) => a - b)).toEqual(stream.arrivals);
    expect(stream.arrivals).toHaveLength(stream.events.length);
    expect(stream.bytes).toBeGreaterThan(100);
    expect(stream.sentAtMs).toBeLessThanOrEqual(stream.arrivals[0]!);
    expect(stream).toMatchObject({ commentCount: 0, ignoredLineCount: 0, unterminatedBytes: 0 });
  });

  test("leaving the loop cuts the connection, and the worker stops generating", async () => {
    for await (const event of streamEvents(await worker().execute(makeRequest({ max_tokens: 2000 })))) {
      if (event.type === "token") break;
    }

    await waitFor("free slot", async () => (await worker().health()).slots.busy === 0 || undefined);
  });

  test("the caller's signal aborts a stream; received events are kept", async () => {
    const abort = new AbortController();
    const response = await worker().execute(makeRequest({ max_tokens: 2000, temperature: 0 }));
    const consume = async () => {
      for await (const event of streamEvents(response, { signal: abort.signal })) {
        if (event.type === "token") abort.abort(new Error("enough"));
      }
    };

    const error = await rejectionOf(consume());

    if (!(error instanceof BrokenStreamError)) throw error;
    expect(error.code).toBe("STREAM_ABORTED");
    expect(error.message).toContain("enough");
    expect(error.partial.events[0]?.type).toBe("started");
  });
});

describe("the stub's streams", () => {
  const startStub = (stub: NonNullable<Parameters<typeof WorkerTestHarness.startMock>[0]>["stub"]) =>
    WorkerTestHarness.startMock({ stub });

  test("a token is sent before the next one exists", async () => {
    await using worker = await startStub({ faults: [{ id: "hang", at: { afterTokens: 2 } }] });
    const seen: InferenceEvent[] = [];
    for await (const event of streamEvents(await worker.execute(makeRequest()))) if (seen.push(event) === 3) break;

    expect(seen.map((event) => event.type)).toEqual(["started", "token", "token"]);
  });

  test("characters split across tokens arrive whole, with fewer events than tokens", async () => {
    await using worker = await startStub({ content: "unicode" });
    const { text, tokens, end } = await complete(worker, { max_tokens: 200 });

    expect(text).toContain("日本語");
    expect(text).toContain("👩‍👩‍👧‍👦");
    expect(text.replace(/\ufffd$/u, "")).not.toMatch(/\ufffd/u);
    expect(tokens.every((token) => token.isWellFormed())).toBe(true);
    expect(tokens.length).toBeLessThan(end.tokens_out);
    expect(end.tokens_out).toBe(200);
  });

  test("a long job has metrics events, at most every 500 ms", async () => {
    await using worker = await startStub({ timing: { itlMs: 50 } });
    const { events, arrivals } = await collect(worker, { max_tokens: 30 });
    const at = arrivals.filter((_, index) => events[index]?.type === "metrics");

    assertEventOrder(events);
    expect(at.length).toBeGreaterThan(0);
    expect(at.length).toBeLessThanOrEqual(Math.ceil((arrivals.at(-1)! - arrivals[0]!) / 500));
    expect(events.find((event) => event.type === "metrics")).toMatchObject({
      tokens_per_sec: expect.any(Number) as number,
      vram_bytes: expect.any(Number) as number,
    });
  });

  test("a script is sent token by token, and its end is eos", async () => {
    await using worker = await startStub({ content: { script: ["a", "\n\n", "data: b", '"\\', "\u2028"] } });
    const { tokens, end } = await complete(worker);

    expect(tokens).toEqual(["a", "\n\n", "data: b", '"\\', "\u2028"]);
    expect(end).toMatchObject({ stop_reason: "eos", tokens_out: 5 });
  });

  test("a slow reader loses nothing and delays no one else", async () => {
    await using worker = await WorkerTestHarness.startMock({ parallel: 2, stub: { content: "counter" } });
    const slow = streamEvents(await worker.execute(makeRequest({ max_tokens: 2000 })));
    await slow.next();

    const fast = await complete(worker, { max_tokens: 500 });
    const rest: InferenceEvent[] = [];
    for await (const event of slow) rest.push(event);

    expect(fast.end.tokens_out).toBe(500);
    expect(extractText(rest)).toBe(Array.from({ length: 2000 }, (_, i) => `${i} `).join(""));
  });
});

describe("streams of a worker that violates the contract", () => {
  const worker = useWorker(() => WorkerTestHarness.launch({ ...foreignWorker(), allow: ["MAX_TOKENS_EXCEEDED"] }));

  /** What `collectSseEvents()` throws, after `collectStream()` has told the same as data. */
  async function failWith(prompt: string, options?: StreamOptions): Promise<BrokenStreamError> {
    const error = await rejectionOf(collectSseEvents(await worker().execute(makeRequest({ prompt })), options));
    if (error instanceof BrokenStreamError) return error;
    throw error;
  }

  /** A reset that arrives together with the last bytes looks to the HTTP client like a connection that was closed. */
  const ANY_RESET: unknown = expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/);

  const broken: [prompt: string, code: string, outcome: object, options?: StreamOptions][] = [
    ["truncated", "STREAM_TRUNCATED", { status: "truncated", endedBy: "close" }],
    ["done-marker", "STREAM_TRUNCATED", { status: "truncated", endedBy: "done-marker" }],
    ["reset", "STREAM_TRANSPORT", { status: "transport-error", code: ANY_RESET }],
    ["half-closed", "STREAM_TRANSPORT", { status: "transport-error", code: "UND_ERR_SOCKET" }],
    ["silent", "LIMIT_FIRST_TOKEN", { limit: "firstTokenMs", value: 150 }, { firstTokenMs: 150 }],
    ["stalls", "LIMIT_TOKEN_IDLE", { limit: "tokenIdleMs", value: 150 }, { tokenIdleMs: 150 }],
    ["chatters", "LIMIT_TOKEN_IDLE", { limit: "tokenIdleMs", value: 150 }, { tokenIdleMs: 150 }],
    ["stalls", "LIMIT_TRANSPORT_IDLE", { limit: "transportIdleMs", value: 150 }, { transportIdleMs: 150 }],
    ["endless", "LIMIT_TOTAL_TIME", { limit: "totalMs", value: 300 }, { totalMs: 300 }],
    ["endless", "LIMIT_EVENT_COUNT", { limit: "eventCount", value: 1000 }, { eventCount: 1000 }],
    ["endless", "LIMIT_DECODED_SIZE", { limit: "decodedBytes", value: 50_000 }, { decodedBytes: 50_000 }],
    ["huge-event", "LIMIT_EVENT_SIZE", { limit: "eventBytes", value: 1024 * 1024 }],
    ["not-json", "INVALID_EVENT", { status: "invalid-event", index: 3 }],
    ["unknown-type", "INVALID_EVENT", { status: "invalid-event", index: 3 }],
    ["missing-field", "INVALID_EVENT", { status: "invalid-event", index: 3 }],
    ["half-a-character", "INVALID_EVENT", { status: "invalid-event", index: 3 }],
  ];

  test.each(broken)("%s is %s", async (...[prompt, code, outcome, options]) => {
    const error = await failWith(prompt, options);
    const stream = await collect(worker(), { prompt }, options);

    expect(error.code).toBe(code);
    expect(stream.outcome).toMatchObject(outcome);
    expect(error.partial.events[0]?.type).toBe("started");
    expect(error.message).toContain("last 1 log line of the worker");
  });

  test("the stream of another job is INVALID_EVENT", async () => {
    const { outcome } = await collect(worker(), { prompt: "other-job" });

    expect(outcome).toMatchObject({ status: "invalid-event", index: 0 });
    expect(JSON.stringify(outcome)).toContain("the stream is that of job");
  });

  test.each([
    ["second-end", "after-terminal"],
    ["index-jumps", "token-index"],
    ["no-started", "first"],
  ])("%s is collected, and fails the order check with rule %s", async (prompt, rule) => {
    const events = await collectSseEvents(await worker().execute(makeRequest({ prompt })));

    expect(() => assertEventOrder(events)).toThrow(
      expect.objectContaining({ code: "ORDER_VIOLATED", details: expect.objectContaining({ rule }) as object }),
    );
  });

  test("a broken stream fails every assertion that needs its end, and the message explains how it broke", async () => {
    const stream = await collect(worker(), { prompt: "truncated" });
    const assertions = [
      assertEventOrder,
      assertSuccessfulCompletion,
      extractEndEvent,
      (s: CollectedStream) => assertTokenCount(s, 9),
    ];

    for (const assertion of assertions) {
      const judge = () => {
        assertion(stream);
      };
      expect(judge).toThrow("closed without a terminal event");
    }
    assertTokenCount(stream, 2);
  });

  test("a stream that stays open after its end is complete after the grace period", async () => {
    const { outcome } = await collect(worker(), { prompt: "stays-open" }, { graceMs: 50 });

    expect(outcome.status).toBe("complete");
  });

  test.each(["byte-by-byte", "other-line-ends"])("%s is still decoded", async (prompt) => {
    const { outcome, events } = await collect(worker(), { prompt });

    expect(outcome.status).toBe("complete");
    expect(extractText(events)).toBe(prompt === "byte-by-byte" ? "naïve 日本🎉" : "t0 t1 ");
  });

  test("a page with status 200 and a refusal are reported with their first bytes", async () => {
    const squeezed = await rejectionOf(collectSseEvents(await worker().execute(makeRequest({ prompt: "compressed" }))));
    expect(isTestkitError(squeezed, "INVALID_RESPONSE")).toBe(true);
    expect(squeezed.message).toContain(
      "Expected a body that is not compressed, as requested, got `content-encoding: gzip`",
    );

    const page = await rejectionOf(collectSseEvents(await worker().execute(makeRequest({ prompt: "html" }))));
    const refusal = await rejectionOf(collectStream(await worker().execute(makeRequest({ prompt: "teapot" }))));

    expect(isTestkitError(page, "INVALID_RESPONSE")).toBe(true);
    expect(page.message).toContain("<h1>Login</h1>");
    expect(isTestkitError(refusal, "HTTP_FAILED")).toBe(true);
    expect(refusal.message).toMatch(/418[^]*short and stout/);
  });

  test("any Response and any async iterable of bytes is also a source; a body is read once", async () => {
    const body = JSON.stringify(makeRequest({ prompt: "complete" }));
    const response = await fetch(`${worker().baseUrl}/execute`, {
      method: "POST",
      body,
      headers: { connection: "close" },
    });
    const bytes = await (await worker().request("/execute", { method: "POST", body })).text();
    async function* pieces() {
      for (const byte of Buffer.from(bytes)) yield await Promise.resolve(Uint8Array.of(byte));
    }

    expect(extractText(await collectSseEvents(response))).toBe("t0 t1 ");
    expect(extractText(await collectSseEvents(pieces()))).toBe("t0 t1 ");
    expect(isTestkitError(await rejectionOf(collectSseEvents(response)), "INVALID_OPTION")).toBe(true);
  });
});
