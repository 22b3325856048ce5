import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { WorkerTestHarness } from "inference-testkit";
import { FaultProxy, type FaultSpec, type ProxyFaultId } from "inference-testkit/faults";
import { expect, test } from "vitest";
import { rejectionOf, waitFor } from "../../../../tests/support/conditions.js";
import { askRaw, createGate, rawExecute, serveRawWorker, serveWorker } from "./servers.js";
import { runJob } from "./support.js";

test("200 concurrent streams pass through byte for byte", async () => {
  const bytesOf = (path: string) => Buffer.from(`event: token\ndata: {"t":"${path} naïve 日本🎉"}\r\n\r\n`.repeat(40));
  const all = createGate();
  let count = 0;
  await using server = await serveWorker(async (request, response) => {
    const bytes = bytesOf(request.url ?? "");
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (++count === 200) all.open();
    await all.passed;
    let at = 0;
    const more = () => {
      const size = 1 + (at % 97);
      response.write(bytes.subarray(at, at + size));
      at += size;
      if (at < bytes.length) setImmediate(more);
      else response.end();
    };
    more();
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });
  const read = async (path: string) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await proxy.worker.request(path)).body) chunks.push(chunk);
    return Buffer.concat(chunks).equals(bytesOf(path));
  };

  const whole = await Promise.all(Array.from({ length: 200 }, (_, index) => read(`/stream/${index}`)));

  expect(whole.filter(Boolean)).toHaveLength(200);
});

test("request and answer keep their first line, headers and length", async () => {
  let seen: IncomingMessage | undefined;
  await using server = await serveWorker((request, response) => {
    seen = request;
    response.writeHead(299, "Quite Fine", ["X-Twice", "1", "X-Twice", "2", "Content-Length", "2"]).end("ok");
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });

  const answer = await askRaw(
    proxy.port,
    "PUT /a/b?c=d HTTP/1.1\r\nHost: some.where\r\nX-Odd: \xe9\r\nX-Odd: b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
  );

  expect(seen).toMatchObject({ method: "PUT", url: "/a/b?c=d" });
  expect(seen?.rawHeaders.slice(0, 6)).toEqual(["Host", "some.where", "X-Odd", "\xe9", "X-Odd", "b"]);
  expect(answer.text).toMatch(/^HTTP\/1\.1 299 Quite Fine\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 2\r\n/);
  expect(answer.text).toMatch(/\r\n\r\nok$/);
});

test("a large body is passed on completely, chunked or with a length", async () => {
  await using server = await serveWorker((request, response) => {
    let size = 0;
    request.on("data", (chunk: Buffer) => (size += chunk.length));
    request.on("end", () => response.end(`${size} ${request.headers["transfer-encoding"] ?? "plain"}`));
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });
  const send = async (headers: Record<string, string>) => {
    const options = { port: proxy.port, host: "127.0.0.1", method: "POST", path: "/execute", headers, agent: false };
    const outgoing = httpRequest(options);
    for (let at = 0; at < 30; at++) outgoing.write(Buffer.alloc(100_000, "x"));
    outgoing.end();
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    return (await incoming.toArray()).join("");
  };

  expect(await send({ "content-length": "3000000" })).toBe("3000000 plain");
  expect(await send({ "transfer-encoding": "chunked" })).toBe("3000000 chunked");
});

test("both sides keep their connections alive between requests", async () => {
  await using server = await serveWorker((_, response) => response.end("{}"));
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });
  for (let count = 0; count < 5; count++) await (await proxy.worker.request("/anything")).text();

  expect(server.connectionCount()).toBe(1);
  // The client may open a second one, when it asks again before its first has come to rest.
  expect(proxy.journal.entries.filter(({ kind }) => kind === "connected").length).toBeLessThanOrEqual(2);
  expect(proxy.journal.entries.filter(({ kind }) => kind === "request")).toHaveLength(6);
});

test("a worker that closes its connection after the answer closes the client's", async () => {
  await using server = await serveWorker((_, response) => response.setHeader("connection", "close").end("{}"));
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });

  const answer = await askRaw(proxy.port, "GET /x HTTP/1.1\r\nhost: test\r\n\r\n");

  expect(answer).toMatchObject({ endedBy: "FIN" });
  expect(answer.text).toMatch(/connection: close/i);
});

test("each event is passed on immediately, even half of one", async () => {
  const gate: { response?: ServerResponse } = {};
  await using server = await serveWorker((_, response) => {
    gate.response = response;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("event: started\nda");
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });
  const response = await proxy.worker.execute({ job_id: "a" });
  const chunks = response.body[Symbol.asyncIterator]();

  expect(String((await chunks.next()).value)).toBe("event: started\nda");
  gate.response?.write("ta: {}\n\n");
  expect(String((await chunks.next()).value)).toBe("ta: {}\n\n");
  gate.response?.end();
  expect((await chunks.next()).done).toBe(true);
});

test.each<[string, FaultSpec<ProxyFaultId>[]]>([
  ["no fault", []],
  ["latency", [{ id: "latency", ms: 600_000 }]],
  ["stall", [{ id: "stall" }]],
  ["bandwidth", [{ id: "bandwidth", bytesPerSec: 1 }]],
])("with %s, a client that receives nothing more causes back-pressure, and memory stays bounded", async (_, faults) => {
  const chunk = Buffer.alloc(64 * 1024, "x");
  const enough = 256 * 1024 * 1024;
  let written = 0;
  await using server = await serveWorker((__, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const more = () => {
      if (response.destroyed || written >= enough) return;
      written += chunk.length;
      if (response.write(chunk)) setImmediate(more);
      else response.once("drain", more);
    };
    more();
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, {
    dialect: "orcd",
    faults: faults.map((fault) => ({ ...fault, optional: true })),
  });
  const response = await proxy.worker.execute({ job_id: "a" });
  let before = -1;
  await waitFor("the worker is held back", async () => {
    if (before === written) return true;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return undefined;
  });

  expect(written).toBeGreaterThan(0);
  // Three sockets, each with the buffers of the system on both sides.
  expect(written).toBeLessThan(64 * 1024 * 1024);
  response.abort();
});

test("a client that leaves closes the worker's connection", async () => {
  const closed = createGate();
  await using server = await serveWorker((_, response) => {
    response.once("close", () => closed.open());
    response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });
  const response = await proxy.worker.execute({ job_id: "a" });
  response.abort();

  await closed.passed;
  await waitFor("the journal says so", () =>
    proxy.journal.ofJob("a").find((entry) => entry.kind === "ended" && entry.how === "client-left"),
  );
});

test("a client that leaves before the headers closes the worker's connection", async () => {
  const asked = createGate();
  const closed = createGate();
  await using server = await serveWorker((request) => {
    asked.open();
    request.socket.once("close", () => closed.open());
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });
  const controller = new AbortController();
  const failed = rejectionOf(proxy.worker.execute({ job_id: "a" }, { signal: controller.signal }));
  await asked.passed;
  controller.abort();

  expect((await failed).message).toContain("STREAM_ABORTED");
  await closed.passed;
});

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n4\r\n: x\n\r\n";

interface Breakage {
  readonly what: string;
  readonly endedBy: "FIN" | "ECONNRESET";
  readonly text: RegExp;
  readonly answer: Parameters<typeof serveRawWorker>[0];
}

const BREAKAGES: readonly Breakage[] = [
  { what: "closes before the headers", endedBy: "FIN", text: /^$/, answer: (socket) => socket.end() },
  {
    what: "resets before the headers",
    endedBy: "ECONNRESET",
    text: /^$/,
    answer: (socket) => socket.resetAndDestroy(),
  },
  { what: "sends no HTTP", endedBy: "FIN", text: /^SSH-2\.0\r\n$/, answer: (socket) => socket.end("SSH-2.0\r\n") },
  { what: "closes inside the body", endedBy: "FIN", text: /: x\n\r\n$/, answer: (socket) => socket.end(HEAD) },
  {
    what: "resets inside the body",
    endedBy: "ECONNRESET",
    text: /: x\n\r\n$/,
    answer: (socket) => socket.write(HEAD, () => setTimeout(() => socket.resetAndDestroy(), 20)),
  },
  {
    what: "sends an illegal chunk",
    endedBy: "FIN",
    text: /: x\n\r\nnot a size\r\n$/,
    answer: (socket) => socket.end(`${HEAD}oops\r\n`),
  },
];

test.each(BREAKAGES)("a worker that $what is reported as such", async ({ endedBy, text, answer }) => {
  await using server = await serveRawWorker(answer);
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });
  const seen = await askRaw(proxy.port, rawExecute("a"));

  expect(seen.endedBy).toBe(endedBy);
  expect(seen.text).toMatch(text);
});

test("a missing worker is CONNECT_FAILED, even at the start", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await using proxy = await FaultProxy.inFrontOf(worker);
  await worker.stop();

  expect((await runJob(proxy.worker)).status).toBe("CONNECT_FAILED");
  expect((await rejectionOf(FaultProxy.inFrontOf(worker))).message).toContain("CONNECT_FAILED");
});

test("a slow worker is waited for, before the headers and between events", async () => {
  const wait = () => new Promise((resolve) => setTimeout(resolve, 1_200)); // longer than idle connections are kept
  await using server = await serveWorker(async (_, response) => {
    await wait();
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: a\n\n");
    await wait();
    response.end("data: b\n\n");
  });
  await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd" });

  expect(await (await proxy.worker.execute({ job_id: "a" })).text()).toBe("data: a\n\ndata: b\n\n");
});
