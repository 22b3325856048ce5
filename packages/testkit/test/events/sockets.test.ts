import type { Socket } from "node:net";
import { createGzip } from "node:zlib";
import { Agent, fetch as undiciFetch, request } from "undici";
import { afterAll, describe, expect, test } from "vitest";
import {
  collectSseEvents,
  collectStream,
  describeOutcome,
  streamEvents,
  type StreamOptions,
} from "../../src/events/index.js";
import {
  encode,
  end,
  good,
  rawChunk,
  rawHead,
  serveHttp,
  serveRaw,
  started,
  streamHead,
  tap,
  token,
} from "./support.js";

const agent = new Agent({ connections: null });
afterAll(() => agent.close());

const partial = [started, token(0)];
const get = async (url: string) => (await request(url, { dispatcher: agent })).body;

/** Collects from a server that sends two events and, once they have been received, does something to the connection. */
async function collectBroken(breakUp: (socket: Socket) => void, options?: StreamOptions) {
  let socket: Socket | undefined;
  await using server = await serveRaw((connection) => {
    socket = connection;
    connection.write(rawHead + rawChunk(encode(partial)));
  });
  const body = await get(server.url);
  return await collectStream(
    tap(body, () => {
      if (socket !== undefined) breakUp(socket);
      socket = undefined;
    }),
    options,
  );
}

describe("the end of a connection", () => {
  test.each([
    ["a reset", "ECONNRESET: read ECONNRESET", (socket: Socket) => socket.resetAndDestroy()],
    ["a FIN inside a chunked body", "UND_ERR_SOCKET: other side closed", (socket: Socket) => socket.end()],
    ["an illegal chunk size", "HTTPParserError: Response does not match", (socket: Socket) => socket.write("zz\r\n")],
  ])("%s is a transport error with its code and the events so far", async (_name, told, breakUp) => {
    const byteOffset = encode(partial).length;
    const { events, outcome, bytes } = await collectBroken(breakUp);
    expect(outcome).toMatchObject({ status: "transport-error", byteOffset });
    expect(describeOutcome(outcome)).toContain(told);
    expect(events).toEqual(partial);
    expect(bytes).toBe(byteOffset);
  });

  test("a clean last chunk without a terminal event is truncated", async () => {
    const { events, outcome } = await collectBroken((socket) => socket.end("0\r\n\r\n"));
    expect(outcome).toEqual({ status: "truncated", endedBy: "close" });
    expect(events).toEqual(partial);
  });

  test("a stalled connection exceeds `transportIdleMs`", async () => {
    const { events, outcome } = await collectBroken(() => undefined, { transportIdleMs: 500 });
    expect(outcome).toEqual({ status: "limit-exceeded", limit: "transportIdleMs", value: 500 });
    expect(events).toEqual(partial);
  });

  test("a connection with only comments exceeds `tokenIdleMs`", async () => {
    let timer: NodeJS.Timeout | undefined;
    const { outcome, commentCount } = await collectBroken(
      (socket) => {
        timer = setInterval(() => socket.write(rawChunk(": ping\n\n")), 5);
        socket.on("close", () => clearInterval(timer));
      },
      { tokenIdleMs: 500 },
    );
    clearInterval(timer);
    expect(outcome).toEqual({ status: "limit-exceeded", limit: "tokenIdleMs", value: 500 });
    expect(commentCount).toBeGreaterThan(0);
  });
});

describe("a WHATWG Response", () => {
  test("of the global fetch is read to its end", async () => {
    await using server = await serveHttp((response) => response.writeHead(200, streamHead).end(encode(good)));
    expect(await collectSseEvents(await fetch(server.url))).toEqual(good);
  });

  test("of undici is also a source, and a reset is reported with its code", async () => {
    let reset: () => void = () => undefined;
    await using server = await serveRaw((socket) => {
      socket.write(rawHead + rawChunk(encode(partial)));
      reset = () => socket.resetAndDestroy();
    });
    const response = (await undiciFetch(server.url, { dispatcher: agent })) as unknown as Response;
    const types: string[] = [];
    const consume = async () => {
      for await (const event of streamEvents(response)) {
        types.push(event.type);
        if (types.length === 2) reset();
      }
    };
    await expect(consume()).rejects.toMatchObject({ code: "STREAM_TRANSPORT", details: { status: "transport-error" } });
    expect(types).toEqual(["started", "token"]);
  });

  test("a small gzip body that grows beyond `decodedBytes` is stopped", async () => {
    await using server = await serveHttp((response) => {
      const gzip = createGzip();
      gzip.pipe(response.writeHead(200, { ...streamHead, "content-encoding": "gzip" }));
      gzip.end(": comment\n\n".repeat(500_000));
    });
    const { outcome, bytes } = await collectStream(await fetch(server.url), { decodedBytes: 100_000 });
    expect(outcome).toEqual({ status: "limit-exceeded", limit: "decodedBytes", value: 100_000 });
    expect(bytes).toBe(100_000);
  });
});

/** A server that never ends its stream and tells when the client has gone. */
async function serveEndless(first: string) {
  let clientGone: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (clientGone = resolve));
  const server = await serveHttp((response) => {
    response.on("close", clientGone);
    response.writeHead(200, streamHead).write(first);
  });
  return { url: server.url, gone, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("releasing the connection", () => {
  test.each([
    ["a limit", { transportIdleMs: 50 }],
    ["the grace", { graceMs: 20 }],
    ["an abort", { signal: AbortSignal.timeout(300) }],
  ] as const)("after %s the connection is closed", async (name, options) => {
    await using server = await serveEndless(encode(name === "the grace" ? good : partial));
    await collectStream(await get(server.url), options);
    await server.gone;
  });

  test("leaving the loop of streamEvents closes the connection", async () => {
    await using server = await serveEndless(encode(partial));
    for await (const event of streamEvents(await fetch(server.url))) {
      if (event.type === "token") break;
    }
    await server.gone;
  });

  test("the caller's signal ends collecting immediately, with the events so far", async () => {
    await using server = await serveEndless(encode(partial));
    const controller = new AbortController();
    const body = tap(await get(server.url), () => setImmediate(() => controller.abort(new Error("enough"))));
    const { outcome, events } = await collectStream(body, { signal: controller.signal });
    expect(outcome).toEqual({ status: "aborted", reason: "enough" });
    expect(events).toEqual(partial);
  });

  test("a fetch that is aborted from outside is aborted, not a transport error", async () => {
    await using server = await serveEndless(encode(partial));
    const controller = new AbortController();
    const response = await fetch(server.url, { signal: controller.signal });
    const types: string[] = [];
    const consume = async () => {
      for await (const event of streamEvents(response)) {
        types.push(event.type);
        controller.abort();
      }
    };
    await expect(consume()).rejects.toMatchObject({ code: "STREAM_ABORTED" });
    expect(types).toContain("started");
  });
});

test("streamEvents yields an event before the next one is sent", async () => {
  const steps = [started, token(0), token(1), end()];
  let next: () => void = () => undefined;
  await using server = await serveHttp((response) => {
    let index = 0;
    response.writeHead(200, streamHead);
    next = () => {
      const event = steps[index];
      index += 1;
      if (event === undefined) response.end();
      else response.write(encode([event]));
    };
    next();
  });
  const seen: unknown[] = [];
  for await (const event of streamEvents(await fetch(server.url))) {
    seen.push(event);
    next();
  }
  expect(seen).toEqual(steps);
});
