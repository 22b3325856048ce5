import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect as connectTcp, createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WorkerClient, type ExecuteResponse, type WorkerClientOptions } from "../../src/client/index.js";
import { collectSseEvents, collectStream } from "../../src/events/index.js";
import { isTestkitError, type TestkitError } from "../../src/errors/index.js";

/** Listens, but never accepts: its thread waits. The few places of its queue are taken by the test. */
const DEAF_SERVER = `
  const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("node:fs").writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
  });`;

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener));
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  cleanUps.push(async () => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(baseUrl: string, options: Partial<WorkerClientOptions> = {}): WorkerClient {
  const client = new WorkerClient({ baseUrl, ...options });
  cleanUps.push(() => client.close());
  return client;
}

async function failure(call: Promise<unknown>): Promise<TestkitError> {
  const error: unknown = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!isTestkitError(error)) throw new Error(`expected a TestkitError, got ${String(error)}`);
  return error;
}

const normalise = (message: string) => message.replaceAll(/127\.0\.0\.1:\d+/g, "HOST:PORT");

test("execute() sends JSON with an exact u64 seed and resolves with status, headers and times", async () => {
  let body = "";
  let type: string | undefined;
  const url = await serve((request, response) => {
    type = request.headers["content-type"];
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () =>
      response.writeHead(503, { "Retry-After": "1", "X-Correlation-ID": "c" }).end('{"code":"QUEUE_FULL"}'),
    );
  });
  const before = performance.now();

  const response = await connect(url).execute({ job_id: "a", prompt: "p", seed: 18446744073709551615n });

  expect(body).toBe('{"job_id":"a","prompt":"p","seed":18446744073709551615}');
  expect(type).toBe("application/json");
  expect(response).toMatchObject({ status: 503, ok: false, jobId: "a", correlationId: "c", url: `${url}/execute` });
  expect(response.headers["retry-after"]).toBe("1");
  expect(response.sentAtMs).toBeGreaterThanOrEqual(before);
  expect(response.headersAtMs).toBeGreaterThanOrEqual(response.sentAtMs);
  expect(await response.json()).toEqual({ code: "QUEUE_FULL" });
});

test("a refused connection reports that nothing listens there, with the worker's log", async () => {
  const url = await serve(() => undefined);
  await cleanUps.pop()?.();
  const error = await failure(connect(url, { logTail: () => ["last words"] }).health());

  expect(error.code).toBe("CONNECT_FAILED");
  expect(normalise(error.message)).toMatchInlineSnapshot(`
    "[CONNECT_FAILED] GET http://HOST:PORT/health failed: connection refused: nothing listens there
    hint: Is the worker still alive, and is this the right address?
      request: GET http://HOST:PORT/health
      cause: ECONNREFUSED
    last 1 log line of the worker:
      | last words"
  `);
});

test("a connection that closes before the headers is CONNECT_FAILED", async () => {
  const url = await listen(createTcpServer((socket) => socket.once("data", () => socket.end())));

  expect((await failure(connect(url).health())).code).toBe("CONNECT_FAILED");
});

test("invalid HTTP is INVALID_RESPONSE", async () => {
  const url = await listen(createTcpServer((socket) => socket.once("data", () => socket.end("SSH-2.0-server\r\n"))));
  const error = await failure(connect(url).health());

  expect(normalise(error.message)).toMatchInlineSnapshot(`
    "[INVALID_RESPONSE] the answer to GET http://HOST:PORT/health is not HTTP: Response does not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/)
    hint: Does this address belong to a worker that speaks this protocol?
      request: GET http://HOST:PORT/health
      cause: HTTPParserError"
  `);
});

test("an illegal byte in a header is INVALID_RESPONSE", async () => {
  const head = "HTTP/1.1 200 OK\r\nx-\u0000bad: 1\r\n\r\n";
  const url = await listen(createTcpServer((socket) => socket.once("data", () => socket.end(head))));
  const error = await failure(connect(url).health());

  expect(error.code).toBe("INVALID_RESPONSE");
  expect(error.message).toContain("is not HTTP");
});

test("headers that are too large are INVALID_RESPONSE", async () => {
  const url = await serve((_, response) => response.setHeader("x-huge", "x".repeat(64 * 1024)).end());
  const error = await failure(connect(url).health());

  expect(normalise(error.message)).toMatchInlineSnapshot(`
    "[INVALID_RESPONSE] the headers of the answer to GET http://HOST:PORT/health are too large
    hint: Does this address belong to a worker that speaks this protocol?
      request: GET http://HOST:PORT/health
      cause: UND_ERR_HEADERS_OVERFLOW"
  `);
});

test("a connection that is reset before the headers are complete is CONNECT_FAILED", async () => {
  const url = await listen(
    createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nx-half", () => socket.resetAndDestroy()));
    }),
  );

  expect((await failure(connect(url).health())).code).toBe("CONNECT_FAILED");
});

test("missing headers are LIMIT_HEADERS", async () => {
  const url = await serve(() => undefined);
  const error = await failure(connect(url).execute({ job_id: "a" }, { timeouts: { headersMs: 50 } }));

  expect(error.code).toBe("LIMIT_HEADERS");
  expect(error.message).toContain("no response headers from http://");
  expect(error.message).toContain("within 50 ms");
});

test("a connection that is never accepted is LIMIT_CONNECT", async () => {
  const deaf = spawn(process.execPath, ["-e", DEAF_SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  cleanUps.push(async () => {
    deaf.kill("SIGKILL");
    await once(deaf, "exit");
  });
  const [line] = (await once(deaf.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  const fillers = Array.from({ length: 8 }, () => connectTcp(port, "127.0.0.1").on("error", () => undefined));
  await Promise.race(fillers.map((filler) => once(filler, "connect")));
  cleanUps.push(() => Promise.resolve(fillers.map((filler) => filler.destroy())));

  const client = connect(`http://127.0.0.1:${port}`, { timeouts: { connectMs: 200 } });
  const error = await failure(client.health());

  expect(error.code).toBe("LIMIT_CONNECT");
  expect(error.message).toContain("within 200 ms");
});

test("the caller's signal ends a request with STREAM_ABORTED", async () => {
  const controller = new AbortController();
  const url = await serve(() => controller.abort());

  expect((await failure(connect(url).health({ signal: controller.signal }))).code).toBe("STREAM_ABORTED");
});

test("health() rejects statuses other than 200 and 503, with the body", async () => {
  const url = await serve((_, response) => response.writeHead(500).end("out of order"));
  const error = await failure(connect(url).health());

  expect(error.code).toBe("HTTP_FAILED");
  expect(error.message).toContain("answered 500: out of order");
  expect(error.details["status"]).toBe(500);
});

test.each([
  ["no JSON", "<html>"],
  ["a missing field", '{"status":"healthy"}'],
])("health() rejects %s with INVALID_RESPONSE", async (_, body) => {
  const url = await serve((_request, response) => response.end(body));

  expect((await failure(connect(url).health())).code).toBe("INVALID_RESPONSE");
});

test("a body that never ends is INVALID_RESPONSE after the time-out", async () => {
  const url = await serve((_, response) => response.writeHead(200).write("{"));
  const error = await failure(connect(url).health({ timeoutMs: 100 }));

  expect(error.code).toBe("INVALID_RESPONSE");
  expect(error.message).toContain("within 100 ms");
});

test("the body of any answer is read under the time-out of its call", async () => {
  const url = await serve((_, response) => response.writeHead(400).write("{"));
  const response = await connect(url).execute({ job_id: "a" }, { timeoutMs: 100 });
  const error = await failure(response.json());

  expect(error.code).toBe("INVALID_RESPONSE");
  expect(error.message).toContain("within 100 ms");
});

test("an abort while the body is read is STREAM_ABORTED", async () => {
  const controller = new AbortController();
  const url = await serve((_, response) => {
    response.writeHead(200).write("{");
    setImmediate(() => controller.abort());
  });

  expect((await failure(connect(url).health({ signal: controller.signal }))).code).toBe("STREAM_ABORTED");
});

test.each([".", ".."])("cancel(%j) is sent in the body, because a path would be resolved", async (id) => {
  let seen = "";
  const url = await serve((request, response) => {
    request.on("data", (chunk: Buffer) => (seen += `${request.url} ${chunk.toString()}`));
    request.on("end", () => response.writeHead(202).end(JSON.stringify({ job_id: id, state: "unknown" })));
  });

  expect(await connect(url).cancel(id)).toEqual({ job_id: id, state: "unknown" });
  expect(seen).toBe(`/cancel {"job_id":"${id}"}`);
});

test("an unsendable value is INVALID_OPTION and is not sent", async () => {
  const client = connect("http://127.0.0.1:9");
  const calls = [
    client.cancel(""),
    client.cancel("\ud800"),
    client.request("health"),
    client.health({ timeoutMs: -1 }),
    client.health({ timeoutMs: Number.NaN }),
    client.health({ timeoutMs: 3_000_000_000 }),
    client.execute({ job_id: "a" }, { headers: { "bad header": "x" } }),
    client.execute({ job_id: "a" }, { timeouts: { fristTokenMs: 1 } as object }),
  ];

  for (const call of calls) expect((await failure(call)).code).toBe("INVALID_OPTION");
});

test("Infinity disables a time-out", async () => {
  const url = await serve((_, response) => response.end('{"ok":true}'));
  const client = connect(url, { timeouts: { connectMs: Infinity, headersMs: Infinity, totalMs: Infinity } });

  expect(await (await client.request("/", { timeoutMs: Infinity })).json()).toEqual({ ok: true });
  expect(await (await client.request("/")).json()).toEqual({ ok: true });
});

test("cancel() encodes the id and parses the state", async () => {
  let path: string | undefined;
  const url = await serve((request, response) => {
    path = request.url;
    response.writeHead(202).end('{"job_id":"a/b ä","state":"unknown"}');
  });

  expect(await connect(url).cancel("a/b ä")).toEqual({ job_id: "a/b ä", state: "unknown" });
  expect(path).toBe("/cancel/a%2Fb%20%C3%A4");
});

test("cancel() and shutdown() send a JSON content type, which a worker requires for every POST, and no body", async () => {
  const seen: unknown[] = [];
  const url = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push([request.method, request.url, request.headers["content-type"], Buffer.concat(chunks).toString()]);
      response.writeHead(202).end('{"job_id":"a","state":"unknown"}');
    });
  });
  await connect(url).cancel("a");
  await connect(url).shutdown();
  expect(seen).toEqual([
    ["POST", "/cancel/a", "application/json", ""],
    ["POST", "/shutdown", "application/json", ""],
  ]);
});

test("redirects are not followed", async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: "/elsewhere" }).end());

  expect((await connect(url).request("/")).status).toBe(302);
});

test("an unread body whose connection breaks does not cause an unhandled error", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200).write("x");
    setImmediate(() => response.destroy());
  });
  const response = await connect(url).request("/");

  await expect(response.text()).rejects.toThrow();
});

test("the time-outs of the client and of the call travel with the response", async () => {
  const url = await serve((_, response) =>
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders(),
  );
  const client = connect(url, { timeouts: { firstTokenMs: 60_000, totalMs: 60_000 } });
  const response = await client.execute({ job_id: "a" }, { timeouts: { firstTokenMs: 50 } });

  expect(response.timeouts).toEqual({ firstTokenMs: 50, totalMs: 60_000 });
  expect((await failure(collectSseEvents(response))).code).toBe("LIMIT_FIRST_TOKEN");
});

test.each(["127.0.0.1:80", "ftp://127.0.0.1", "http://127.0.0.1/path", ""])("%j is not a base URL", (baseUrl) => {
  expect(() => new WorkerClient({ baseUrl })).toThrow(
    "[INVALID_OPTION] Expected `url` to be like http://127.0.0.1:8080",
  );
});

test("two hundred streams are open at the same time", async () => {
  let open = 0;
  const url = await serve((_, response) => {
    open++;
    response.writeHead(200).flushHeaders();
  });
  const client = connect(url);
  await Promise.all(Array.from({ length: 200 }, () => client.request("/")));

  expect(open).toBe(200);
});

test.each<[string, (response: ExecuteResponse) => unknown]>([
  ["aborted", (response) => response.abort()],
  ["left in the middle of its body", (response) => collectStream(response, { eventBytes: 1 })],
])("a request that is %s opens no other connection", async (_, giveUp) => {
  let connectionCount = 0;
  let closedCount = 0;
  const server = createServer((request, response) => {
    if (request.method === "GET") response.end();
    else response.writeHead(200, { "content-type": "text/event-stream" }).write("data: more than that\n\n");
  });
  server.on("connection", (socket) => {
    connectionCount += 1;
    socket.on("close", () => (closedCount += 1));
  });
  const client = connect(await listen(server));

  const responses = await Promise.all(Array.from({ length: 5 }, (__, index) => client.execute({ job_id: `${index}` })));
  for (const response of responses) await giveUp(response);
  await expect.poll(() => closedCount).toBe(5);
  for (let turn = 0; turn < 3; turn += 1) await (await client.request("/health")).text();

  expect(connectionCount).toBeLessThanOrEqual(5 + 3); // one more for each that was given up would be ten
});
