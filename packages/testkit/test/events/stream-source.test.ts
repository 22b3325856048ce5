import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { collectSseEvents, collectStream, type StreamResponse, type StreamSource } from "../../src/events/index.js";
import { encode, errorOf, from, good, messageOf, serveHttp, streamHead } from "./support.js";

interface Answer {
  readonly status?: number;
  readonly contentType?: string;
  readonly body?: AsyncIterable<Uint8Array>;
  readonly aborted?: unknown[];
}

function answer({ status = 200, contentType, body = from(encode(good)), aborted = [] }: Answer = {}): StreamResponse {
  return {
    kind: "inference-stream-response",
    status,
    headers: contentType === undefined ? {} : { "content-type": contentType },
    body,
    url: "http://worker/execute",
    abort: (reason) => aborted.push(reason),
    logTail: () => ["last words"],
  };
}

const eventStream = "text/event-stream";

describe("rejected sources", () => {
  const lockedStream = () => {
    const stream = new ReadableStream<Uint8Array>();
    stream.getReader();
    return stream;
  };
  const usedResponse = async () => {
    const response = new Response(encode(good), { headers: { "content-type": eventStream } });
    await response.text();
    return response;
  };
  const lockedResponse = () => {
    const response = new Response(encode(good), { headers: { "content-type": eventStream } });
    response.body?.getReader();
    return response;
  };
  const usedNodeStream = async () => {
    const stream = Readable.from([Buffer.from("x")]);
    for await (const _chunk of stream);
    return stream;
  };

  test.each<[string, () => unknown]>([
    ["a string", () => "data: x\n\n"],
    ["undefined", () => undefined],
    ["null", () => null],
    ["a number", () => 7],
    ["an array", () => [new Uint8Array(1)]],
    ["an object of class Map", () => new Map()],
    ["a Promise (is an `await` missing?)", () => [Promise.resolve(new Response(""))]],
    ["a Response whose body was already read", usedResponse],
    ["a Response whose body is locked", lockedResponse],
    ["a ReadableStream that is locked", lockedStream],
    ["a stream that was already read", usedNodeStream],
  ])("%s", async (got, create) => {
    const made = await create();
    const source = (got.startsWith("a Promise") ? (made as unknown[])[0] : made) as StreamSource;
    const error = await errorOf(collectStream(source));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expect(error.message).toContain(`got ${got}`);
  });

  test("a response of execute() that was already read", async () => {
    const response = answer({ contentType: eventStream });
    await collectStream(response);
    expect(await messageOf(collectStream(response))).toContain("got a response whose body was already read");
  });

  test("a stream of strings", async () => {
    const stream = Readable.from([Buffer.from(encode(good))]).setEncoding("utf8");
    expect(await messageOf(collectStream(stream))).toMatchInlineSnapshot(`
      "[INVALID_OPTION] Expected \`source\` to yield bytes (Uint8Array), got a string
      hint: Do not call setEncoding() on the stream: a decoder needs the bytes."
    `);
  });
});

test("an object without a prototype is rejected", async () => {
  const error = await errorOf(collectStream(Object.create(null) as StreamSource));
  expect(error).toMatchObject({ code: "INVALID_OPTION" });
});

describe("content types", () => {
  test.each(["text/event-stream", "text/event-stream; charset=utf-8", "TEXT/Event-Stream;charset=UTF-8"])(
    "%s is read",
    async (contentType) => {
      expect(await collectSseEvents(answer({ contentType }))).toEqual(good);
    },
  );

  test.each(["application/json", "text/event-streams", "text/html; text/event-stream", undefined])(
    "%s is rejected",
    async (contentType) => {
      const refused = answer(contentType === undefined ? {} : { contentType });
      expect(await errorOf(collectStream(refused))).toMatchObject({ code: "INVALID_RESPONSE" });
    },
  );
});

describe("responses that are not event streams", () => {
  test("a status other than 200 is reported with the body and the worker's log", async () => {
    const response = answer({ status: 503, contentType: "application/json", body: from('{"code":"QUEUE_FULL"}') });
    expect(await messageOf(collectStream(response))).toMatchInlineSnapshot(`
      "[HTTP_FAILED] Expected an event stream, got HTTP 503
      hint: The status and the body give the worker's reason.
        url: http://worker/execute
        status: 503
        contentType: application/json
        body: {"code":"QUEUE_FULL"}
      last 1 log line of the worker:
        | last words"
    `);
  });

  test("another content type is reported with the start of the body", async () => {
    await using server = await serveHttp((response) => {
      response.writeHead(200, { "content-type": "text/html", connection: "close" }).end("<html>Hello</html>");
    });
    expect(await messageOf(collectSseEvents(await fetch(server.url)))).toMatchInlineSnapshot(`
      "[INVALID_RESPONSE] Expected \`text/event-stream\`, got \`text/html\`
      hint: Does this address belong to a worker that speaks this protocol?
        url: http://127.0.0.1:PORT/execute
        status: 200
        contentType: text/html
        body: <html>Hello</html>"
    `);
  });

  test("a 201 with an event stream is rejected", async () => {
    expect(await errorOf(collectStream(answer({ status: 201, contentType: eventStream })))).toMatchObject({
      code: "HTTP_FAILED",
      details: { status: 201 },
    });
  });

  test("at most 4 KiB of the body are in the message, and the rest is not read", async () => {
    const aborted: unknown[] = [];
    async function* endless() {
      for (;;) yield* from("x".repeat(1000));
    }
    const error = await errorOf(collectStream(answer({ status: 500, body: endless(), aborted })));
    expect((error["details"] as { body: string }).body).toBe(`${"x".repeat(4096)}…`);
    expect(aborted).toHaveLength(1);
  });

  test("a body that never arrives does not delay the error", async () => {
    await using server = await serveHttp((response) => {
      response.writeHead(500, { connection: "close" }).write("busy");
    });
    const error = await errorOf(collectStream(await fetch(server.url)));
    expect(error).toMatchObject({ code: "HTTP_FAILED", details: { body: "busy" } });
  });

  test("the part of an interrupted body that arrived is reported", async () => {
    async function* breaks() {
      yield* from("bro");
      throw new Error("gone");
    }
    const error = await errorOf(collectStream(answer({ status: 500, body: breaks() })));
    expect(error).toMatchObject({ details: { body: "bro" } });
  });
});

test("a response without a body is a truncated stream of no events", async () => {
  const response = new Response(null, { headers: { "content-type": eventStream } });
  expect(await collectStream(response)).toMatchObject({ events: [], bytes: 0, outcome: { status: "truncated" } });
});

test("a source that throws while it is released does not hide the outcome", async () => {
  const response = {
    ...answer({ contentType: eventStream }),
    abort: () => {
      throw new Error("no");
    },
  };
  const { outcome } = await collectStream(response, { eventCount: 1 });
  expect(outcome).toMatchObject({ limit: "eventCount" });
});

test("sentAtMs of the response is in the result", async () => {
  const sentAtMs = performance.now() - 5;
  expect(await collectStream({ ...answer({ contentType: eventStream }), sentAtMs })).toMatchObject({ sentAtMs });
});

test("the headers of a real answer are understood", async () => {
  await using server = await serveHttp((response) => response.writeHead(200, streamHead).end(encode(good)));
  expect((await collectStream(await fetch(server.url))).outcome.status).toBe("complete");
});
