import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { readStream, type RawReading } from "../../../src/conformance/target/raw-stream.js";
import { answerWith, serveRaw } from "./raw-servers.js";

/** Reads the answer of a server that answers the first bytes of a request in this way. */
async function read(answer: (socket: Socket, request: string) => void, reading: Partial<RawReading> = {}) {
  const { target, signal } = await serveRaw((socket) => {
    socket.once("data", (bytes) => answer(socket, bytes.toString("utf8")));
  });
  return readStream(target, target.encode("Hello", { max_tokens: 4 }), { signal, silenceMs: 10_000, ...reading });
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

test("the request is a job of the dialect that asks for the end of the connection", async () => {
  let sent = "";
  await read((socket, request) => {
    sent = request;
    socket.end(answerWith("ok"));
  });
  const [head = "", body = ""] = sent.split("\r\n\r\n");
  expect(head).toMatch(/^POST \/v1\/completions HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/);
  expect(head).toContain("connection: close");
  expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
  expect(JSON.parse(body)).toMatchObject({ prompt: "Hello", max_tokens: 4 });
});

test.each<[string, string, string]>([
  ["a length", answerWith("ab\r\n\r\ncd", "X-Name:  v: w \r\n"), "ab\r\n\r\ncd"],
  ["chunks", `${CHUNKED}2\r\nab\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\n`, "ab0123456789"],
  ["the end of the connection", "HTTP/1.1 200 OK\r\n\r\nabc", "abc"],
])("a body that ends by %s is complete, whole or byte by byte", async (_, text, body) => {
  const whole = await read((socket) => socket.end(text));
  const cut = await read((socket) => {
    socket.setNoDelay(true);
    for (const byte of Buffer.from(text, "latin1")) socket.write(Buffer.of(byte));
    socket.end();
  });
  for (const answer of [whole, cut]) {
    expect(answer).toMatchObject({ status: 200, problem: undefined });
    expect(answer.body.toString("latin1")).toBe(body);
  }
});

test("names of headers are in lower case, and values without the space around them", async () => {
  const { headers } = await read((socket) => socket.end(answerWith("", "X-Name:  v: w \r\n")));
  expect(headers).toMatchObject({ "x-name": "v: w", "content-length": "0" });
});

test.each<[string, string]>([
  ["a length", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"],
  ["chunks, without the last one", `${CHUNKED}3\r\nabc\r\n`],
  ["chunks, inside one", `${CHUNKED}9\r\nabc`],
  ["chunks, inside a size", `${CHUNKED}3\r\nabc\r\n1`],
])("a body of %s that is cut is not complete, and what came is kept", async (_, text) => {
  const { problem, body } = await read((socket) => socket.end(text));
  expect(problem).toBe("the server closed the connection");
  expect(body.toString("latin1")).toBe("abc");
});

test("a reset, a silence, and an answer without a head are problems with a reason", async () => {
  // A reset that arrives together with bytes is reported as an end: the client of the same process reads them first.
  const reset = await read((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\na");
    void delay(100).then(() => socket.resetAndDestroy());
  });
  expect(reset.problem).toMatch(/ECONNRESET/);
  const silent = await read((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\na"), { silenceMs: 200 });
  expect(silent).toMatchObject({ status: 200, problem: "nothing for 200 ms" });
  const headless = await read((socket) => socket.end("HTTP/1.1 200 OK\r\n"));
  expect(headless).toMatchObject({ status: 0, problem: "no head: the server closed the connection" });
});

test("the longest silence is measured between two bytes as well", async () => {
  const answer = await read((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\na");
    void delay(400).then(() => socket.end("b"));
  });
  expect(answer.longestSilenceMs).toBeGreaterThan(300);
});

test("the end of the check ends the reading, with its reason", async () => {
  const over = new AbortController();
  const reading = read(() => over.abort(new Error("the budget is used up")), { signal: over.signal });
  await expect(reading).rejects.toThrow("the budget is used up");
});

test("an answer of more than 16 MiB is cut there", async () => {
  const piece = Buffer.alloc(64 * 1024, "x");
  const { problem, body } = await read((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const flood = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", flood);
    flood();
  });
  expect(problem).toBe("it is larger than 16777216 bytes");
  expect(body.length).toBeLessThan(17 * 1024 * 1024);
});

test("a slow client leaves the bytes in the buffers of the server, and gets all of them in the end", async () => {
  const size = 12 * 1024 * 1024;
  let server: Socket | undefined;
  const reading = read(
    (socket) => {
      server = socket;
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${"x".repeat(size)}`);
    },
    { slowMs: 1_500 },
  );
  await vi.waitFor(() => expect(server?.writableLength).toBeGreaterThan(0), { timeout: 10_000 });
  const { problem, body } = await reading;
  expect(problem).toBeUndefined();
  expect(body.length).toBe(size);
});

test("the time of a slow client passes before the rest is read", async () => {
  const startedAtMs = performance.now();
  const { body } = await read((socket) => socket.end(answerWith("x".repeat(10_000))), { slowMs: 600 });
  expect(body.length).toBe(10_000);
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(600);
});

const AHEAD = { text: "GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2), count: 2 };

test("the answers to the requests ahead are skipped, with a length or in chunks", async () => {
  let sent = "";
  const answer = await read(
    (socket, request) => {
      sent = request;
      socket.end(`${answerWith("one\r\n\r\n")}${CHUNKED}3\r\ntwo\r\n0\r\n\r\n${answerWith("three")}`);
    },
    { ahead: AHEAD },
  );
  expect(sent.startsWith(`${AHEAD.text}POST `)).toBe(true);
  const aheadBytes = `${answerWith("one\r\n\r\n")}${CHUNKED}3\r\ntwo\r\n0\r\n\r\n`.length;
  expect(answer).toMatchObject({ status: 200, problem: undefined, aheadBytes });
  expect(answer.body.toString("latin1")).toBe("three");
});

test.each<[string, string]>([
  ["one is missing", answerWith("one")],
  ["one is cut", `${answerWith("one")}HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ntwo`],
  ["one is cut inside a chunk", `${CHUNKED}9\r\none`],
  ["the end of one is not known", `HTTP/1.1 200 OK\r\n\r\none${answerWith("two")}${answerWith("three")}`],
])("there is no answer to the job if %s", async (_, text) => {
  const answer = await read((socket) => socket.end(text), { ahead: AHEAD });
  expect(answer).toMatchObject({ status: 0, problem: "no head: the server closed the connection" });
});
