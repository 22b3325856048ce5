import { describe, expect, test } from "vitest";
import {
  collectSseEvents,
  BrokenStreamError,
  type StreamOptions,
  type StreamResponse,
} from "../../src/events/index.js";
import { isTestkitError, StreamError } from "../../src/errors/index.js";
import { encode, errorOf, from, messageOf, serveHttp, started, streamHead, token } from "./support.js";

const partial = [started, token(0, "Hel"), token(1, "lo")];

function answer(body: AsyncIterable<Uint8Array>, logTail: readonly string[] = []): StreamResponse {
  return {
    kind: "inference-stream-response",
    status: 200,
    headers: { "content-type": "text/event-stream" },
    url: "http://127.0.0.1:12345/execute",
    abort: () => undefined,
    logTail: () => logTail,
    body,
  };
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield* from(encode(partial));
  throw Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
}

test("a truncated stream: counts, last events, unfinished rest, log", async () => {
  const source = answer(from(encode(partial), "event: to"), ["loaded", "panic: out of luck"]);
  expect(await messageOf(collectSseEvents(source))).toMatchInlineSnapshot(`
    "[STREAM_TRUNCATED] The stream failed after 3 events (2 tokens, 237 bytes): it was closed without a terminal event
    last events:
      [0] started job_id="job-1" model="mock" seed=42
      [1] token i=0 t="Hel"
      [2] token i=1 t="lo"
    hint: The worker closed the response early: see its log for a crash or an early return.
      url: http://127.0.0.1:PORT/execute
      status: truncated
      bytes: 237
      unterminatedBytes: 9
      unterminatedText: "event: to"
      elapsedMs: N
    last 2 log lines of the worker:
      | loaded
      | panic: out of luck"
  `);
});

test("a broken connection: byte offset and code", async () => {
  expect(await messageOf(collectSseEvents(answer(broken())))).toMatchInlineSnapshot(`
    "[STREAM_TRANSPORT] The stream failed after 3 events (2 tokens, 228 bytes): the connection broke at byte 228 (UND_ERR_SOCKET: other side closed)
    last events:
      [0] started job_id="job-1" model="mock" seed=42
      [1] token i=0 t="Hel"
      [2] token i=1 t="lo"
    hint: The worker or the network cut the connection: see the worker's exit code and log.
      url: http://127.0.0.1:PORT/execute
      status: transport-error
      bytes: 228
      elapsedMs: N"
  `);
});

test("an event that is not in the contract: reason and data", async () => {
  const source = answer(from(encode(partial), 'data: {"type":"delta","text":"x"}\n\n'));
  expect(await messageOf(collectSseEvents(source))).toMatchInlineSnapshot(`
    "[INVALID_EVENT] The stream failed after 3 events (2 tokens, 263 bytes): event 3 is invalid: Expected \`type\` to be one of started, token, tool_call, metrics, end, error, got \`"delta"\`
    last events:
      [0] started job_id="job-1" model="mock" seed=42
      [1] token i=0 t="Hel"
      [2] token i=1 t="lo"
    hint: The message names the event and the field; compare it with the wire protocol.
      url: http://127.0.0.1:PORT/execute
      status: invalid-event
      bytes: 263
      data: {"type":"delta","text":"x"}
      elapsedMs: N"
  `);
});

test("an aborted stream: the reason", async () => {
  const signal = AbortSignal.abort(new Error("the test is over"));
  expect(await messageOf(collectSseEvents(answer(broken()), { signal }))).toMatchInlineSnapshot(`
    "[STREAM_ABORTED] The stream failed after 0 events (0 tokens, 0 bytes): it was aborted (the test is over)
    hint: The caller's signal fired; this is not an error of the worker.
      url: http://127.0.0.1:PORT/execute
      status: aborted
      bytes: 0
      elapsedMs: N"
  `);
});

test("a limit: its name and value", async () => {
  expect(await messageOf(collectSseEvents(answer(broken()), { eventCount: 2 }))).toMatchInlineSnapshot(`
    "[LIMIT_EVENT_COUNT] The stream failed after 2 events (1 token, 228 bytes): there are more than 2 events (\`eventCount\`)
    last events:
      [0] started job_id="job-1" model="mock" seed=42
      [1] token i=0 t="Hel"
    hint: Does the worker never stop? Raise \`eventCount\` if such streams are normal.
      url: http://127.0.0.1:PORT/execute
      status: limit-exceeded
      bytes: 228
      elapsedMs: N"
  `);
});

test("a page sent as an event stream: its first line", async () => {
  await using server = await serveHttp((response) => {
    response.writeHead(200, streamHead).end("<!doctype html>\n<html>\n</html>\n");
  });
  expect(await messageOf(collectSseEvents(await fetch(server.url)))).toMatchInlineSnapshot(`
    "[STREAM_TRUNCATED] The stream failed after 0 events (0 tokens, 31 bytes): it was closed without a terminal event
    hint: The worker closed the response early: see its log for a crash or an early return.
      url: http://127.0.0.1:PORT/execute
      status: truncated
      bytes: 31
      ignoredLines: 3
      unterminatedBytes: 31
      unterminatedText: "<!doctype html>\\n<html>\\n</html>\\n"
      elapsedMs: N"
  `);
});

test("a JSON body sent as an event stream: its start", async () => {
  expect(await messageOf(collectSseEvents(from('{"error":"no"}')))).toMatchInlineSnapshot(`
    "[STREAM_TRUNCATED] The stream failed after 0 events (0 tokens, 14 bytes): it was closed without a terminal event
    hint: The worker closed the response early: see its log for a crash or an early return.
      status: truncated
      bytes: 14
      unterminatedBytes: 14
      unterminatedText: "{\\"error\\":\\"no\\"}"
      elapsedMs: N"
  `);
});

test("only the last five events are listed, with their index", async () => {
  const tokens = Array.from({ length: 6 }, (_, index) => token(index));
  const message = await messageOf(collectSseEvents(answer(from(encode([started, ...tokens])))));

  expect(message).toContain(
    ["last events:", ...[2, 3, 4, 5, 6].map((at) => `  [${at}] token i=${at - 1} t="t${at - 1}"`), "hint:"].join("\n"),
  );
});

test("comments are counted", async () => {
  const error = await errorOf(collectSseEvents(answer(from(": one\n\n: two\n\n"))));

  expect(error["details"]).toMatchObject({ comments: 2 });
});

test.each([
  ["the request was sent", { sentAtMs: 1000 }, 1000],
  ["reading began, if the time of sending is unknown", {}, undefined],
])("the elapsed time begins when %s", async (_, fields, sentAtMs) => {
  const error = await errorOf(collectSseEvents({ ...answer(from(encode(partial))), ...fields }, { totalMs: Infinity }));
  const { startedAtMs, endedAtMs } = (error as unknown as BrokenStreamError).partial;

  expect(error["details"]).toMatchObject({ elapsedMs: Math.round(endedAtMs - (sentAtMs ?? startedAtMs)) });
});

describe("each outcome has its own code", () => {
  const tokens = encode([started, token(0)]);
  const endless = async function* (text: string) {
    yield* from(text);
    await new Promise(() => undefined);
  };

  test.each<[string, () => AsyncIterable<Uint8Array>, StreamOptions]>([
    ["STREAM_TRUNCATED", () => from(tokens), {}],
    ["STREAM_TRANSPORT", broken, {}],
    ["STREAM_ABORTED", () => endless(tokens), { signal: AbortSignal.timeout(20) }],
    ["INVALID_EVENT", () => from("data: x\n\n"), {}],
    ["LIMIT_FIRST_TOKEN", () => endless(encode([started])), { firstTokenMs: 20 }],
    ["LIMIT_TOKEN_IDLE", () => endless(tokens), { tokenIdleMs: 20 }],
    ["LIMIT_TRANSPORT_IDLE", () => endless(tokens), { transportIdleMs: 20 }],
    ["LIMIT_TOTAL_TIME", () => endless(tokens), { totalMs: 20 }],
    ["LIMIT_EVENT_SIZE", () => from(tokens), { eventBytes: 10 }],
    ["LIMIT_DECODED_SIZE", () => from(tokens), { decodedBytes: 10 }],
    ["LIMIT_EVENT_COUNT", () => from(tokens), { eventCount: 1 }],
    ["LIMIT_EVENT_ID_SIZE", () => from("id: 123\ndata: x\n\n"), { eventIdBytes: 2 }],
    ["LIMIT_EVENT_NAME_SIZE", () => from("event: 123\ndata: x\n\n"), { eventNameBytes: 2 }],
  ])("%s", async (code, source, options) => {
    const error = await errorOf(collectSseEvents(source(), options));
    expect(error["code"]).toBe(code);
    expect(error).toBeInstanceOf(StreamError);
    expect(isTestkitError(error)).toBe(true);
  });
});

test("the partial result is on the error, but not as an own property that a reporter would print", async () => {
  const error = await errorOf(collectSseEvents(answer(broken())));
  expect(error).toBeInstanceOf(BrokenStreamError);
  expect((error as unknown as BrokenStreamError).partial).toMatchObject({
    events: partial,
    outcome: { status: "transport-error" },
  });
  expect(Object.keys(error)).not.toContain("partial");
  expect(error.cause).toMatchObject({ code: "UND_ERR_SOCKET" });
});

test("the facts of the error are JSON, even with a seed above 2^53", async () => {
  const source = from(encode([{ ...started, seed: 2n ** 64n - 1n } as typeof started]));
  const error = await errorOf(collectSseEvents(source));
  expect(JSON.parse(JSON.stringify(error["details"]))).toMatchObject({ status: "truncated" });
  expect(error.message).toContain("seed=18446744073709551615");
});
