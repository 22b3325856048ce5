import { FaultProxy } from "inference-testkit/faults";
import { expect, test } from "vitest";
import { askRaw, bodyOf, rawExecute, serveWorker } from "./servers.js";
import { breakOn, runJob, textOf, tokenCountOf, useStub } from "./support.js";

const frame = (event: Record<string, unknown> & { type: string }) =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const FRAMES = [
  frame({ type: "started", job_id: "a", model: "m", started_at: "2024-01-01T00:00:00Z", seed: 42 }),
  ...[0, 1, 2, 3].map((i) => frame({ type: "token", t: `t${i}`, i })),
  frame({ type: "end", tokens_out: 4, decode_time_ms: 1, stop_reason: "eos" }),
];
const STREAM = FRAMES.join("");
const after = (tokens: number) => FRAMES.slice(0, tokens + 1).join("");

/** A worker that sends the whole stream in one chunk. */
const serveAtOnce = () =>
  serveWorker((_, response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(STREAM));
const slow = useStub({ timing: { itlMs: 30 }, content: "counter" });

test.each(["rst", "fin", "clean-end", "bad-chunk"] as const)(
  "%s after a token cuts there, even if everything arrives in one chunk",
  async (id) => {
    await using server = await serveAtOnce();
    for (const afterTokens of [1, 3, 4]) {
      await using proxy = await FaultProxy.inFrontOf(server.url, {
        dialect: "orcd",
        faults: [{ id, at: { afterTokens } }],
      });
      const answer = await askRaw(proxy.port, rawExecute("a"));

      expect(bodyOf(answer.text)).toBe(after(afterTokens));
      expect(answer.endedBy).toBe(id === "rst" ? "ECONNRESET" : "FIN");
      expect(answer.text.endsWith("0\r\n\r\n")).toBe(id === "clean-end");
    }
  },
);

test("after bytes cuts at exactly that byte", async () => {
  await using server = await serveAtOnce();
  for (const afterBytes of [0, 1, 7, 100, STREAM.length - 1, STREAM.length]) {
    await using proxy = await FaultProxy.inFrontOf(server.url, {
      dialect: "orcd",
      faults: [{ id: "clean-end", at: { afterBytes } }],
    });
    const answer = await askRaw(proxy.port, rawExecute("a"));

    expect(bodyOf(answer.text)).toBe(STREAM.slice(0, afterBytes));
  }
});

test("a point beyond the end of the answer is a bypass reason", async () => {
  await using server = await serveAtOnce();
  await using proxy = await FaultProxy.inFrontOf(server.url, {
    dialect: "orcd",
    faults: [{ id: "rst", at: { afterBytes: STREAM.length + 1 }, optional: true }],
  });
  await askRaw(proxy.port, rawExecute("a"));

  const reason = `the answer ended after 4 tokens (${STREAM.length} bytes)`;
  await expect.poll(() => proxy.faults.accounts()[0]?.bypassed).toEqual({ [reason]: 1 });
});

test("a point in time cuts a running stream and one without data", async () => {
  await using busy = await breakOn(slow(), { id: "fin", at: { afterMs: 100 } });
  const cut = await runJob(busy.worker, { tokens: 200 });
  await using server = await serveWorker((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  });
  await using silent = await FaultProxy.inFrontOf(server.url, {
    dialect: "orcd",
    faults: [{ id: "fin", at: { afterMs: 100 } }],
  });
  const quiet = await runJob(silent.worker);

  expect(cut.status).toBe("transport-error");
  expect(textOf(cut.stream)).not.toBe("");
  expect(quiet).toMatchObject({ status: "transport-error", stream: { bytes: 0 } });
  expect(cut.tookMs).toBeGreaterThanOrEqual(100);
});

test("a stall for a time resumes where it stopped", async () => {
  await using server = await serveAtOnce();
  await using proxy = await FaultProxy.inFrontOf(server.url, {
    dialect: "orcd",
    faults: [{ id: "stall", ms: 150, at: { afterTokens: 2 } }],
  });
  const { status, stream, tookMs } = await runJob(proxy.worker, { jobId: "a" });

  expect({ status, text: textOf(stream) }).toEqual({ status: "complete", text: "t0t1t2t3" });
  const writes = proxy.journal.ofJob("a").filter((entry) => entry.kind === "write");
  expect(writes[3]!.atMs - writes[2]!.atMs).toBeGreaterThanOrEqual(149);
  expect(tookMs).toBeGreaterThanOrEqual(150);
});

test("latency is added once per stream, not once per token", async () => {
  await using proxy = await breakOn(slow(), { id: "latency", ms: 200 });
  const { status, stream, tookMs } = await runJob(proxy.worker, { tokens: 20 });

  expect(status).toBe("complete");
  expect(tokenCountOf(stream)).toBe(20);
  expect(tookMs).toBeGreaterThanOrEqual(700);
  expect(tookMs).toBeLessThan(20 * 200);
});

test("jitter is seeded and keeps the order", async () => {
  await using proxy = await breakOn(slow(), { id: "latency", ms: 30, jitterMs: 30 });
  const { stream } = await runJob(proxy.worker, { tokens: 20 });

  const indexes = stream!.events.flatMap((event) => (event.type === "token" ? [event.i] : []));
  expect(indexes).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test("drip and bandwidth send no byte before its time", async () => {
  await using server = await serveAtOnce();
  for (const fault of [
    { id: "drip", bytes: 1, everyMs: 1 },
    { id: "bandwidth", bytesPerSec: 1_000 },
  ] as const) {
    await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd", faults: [fault] });
    const askedAtMs = performance.now();
    const answer = await askRaw(proxy.port, rawExecute("a"));
    const spentMs = performance.now() - askedAtMs;

    expect(bodyOf(answer.text)).toBe(STREAM);
    // One millisecond for each byte, give or take the first and the last slice.
    expect(spentMs).toBeGreaterThan(STREAM.length - 30);
  }
});

test("split characters and line ends arrive in several writes", async () => {
  await using server = await serveWorker((_, response) =>
    response.writeHead(200, { "content-type": "text/event-stream" }).end(frame({ type: "token", t: "é日🎉" })),
  );
  await using proxy = await FaultProxy.inFrontOf(server.url, {
    dialect: "orcd",
    faults: [{ id: "split-utf8" }, { id: "split-crlf" }],
  });
  const answer = await askRaw(proxy.port, rawExecute("a"));
  const writes = proxy.journal.ofJob("a").filter((entry) => entry.kind === "write");
  const body = bodyOf(answer.text);
  const parts = writes.map(({ offset, bytes }) => body.slice(offset, offset + bytes));

  expect(parts.filter((part) => /[\xc3\xe6\xf0]$/.test(part))).toHaveLength(3);
  expect(parts.filter((part) => part.endsWith("\r"))).toHaveLength(3);
});
