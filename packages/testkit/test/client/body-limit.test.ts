import { expect, test } from "vitest";
import { waitFor } from "../../../../tests/support/conditions.js";
import type { StreamWatch, WorkerClient } from "../../src/client/index.js";
import { executeAll } from "../../src/jobs/index.js";
import { runLoad } from "../../src/load/index.js";
import { connect, failure, floodBody, serveRaw } from "./hostile-servers.js";

const MIB = 1024 * 1024;
/** What is in buffers of both sides on top of what was read. */
const SENT_AT_MOST = 32 * MIB;

/** A whole answer. */
const answer = (status: string, body: string, headers = "") =>
  `HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test.each<[string, string, (client: WorkerClient) => Promise<unknown>]>([
  ["health()", "200 OK", (client) => client.health()],
  ["health() of an unhealthy worker", "503 Service Unavailable", (client) => client.health()],
  ["slots()", "200 OK", (client) => client.slots()],
  ["metrics()", "200 OK", (client) => client.metrics()],
  ["cancel()", "202 Accepted", (client) => client.cancel("a")],
  ["shutdown()", "202 Accepted", (client) => client.shutdown()],
  ["text()", "200 OK", async (client) => (await client.request("/")).text()],
  ["json()", "200 OK", async (client) => (await client.execute({ job_id: "a" })).json()],
  ["json() of a refusal", "400 Bad Request", async (client) => (await client.execute({ job_id: "a" })).json()],
])("%s abandons a body that never ends, and its connection, after 1 MiB", async (_, status, call) => {
  const server = await serveRaw(floodBody(status));

  const error = await failure(call(connect(server.url)));

  expect(error.code).toBe("INVALID_RESPONSE");
  expect(error.message).toContain("is larger than 1048576 bytes");
  expect(error.details).toMatchObject({ maxBytes: MIB });
  await waitFor("the connection is cut", () => server.leftCount() === 1 || undefined);
  expect(server.sentBytes()).toBeLessThan(SENT_AT_MOST);
});

test.each<[string, (client: WorkerClient) => Promise<unknown>]>([
  ["health()", (client) => client.health()],
  ["metrics()", (client) => client.metrics()],
  ["cancel()", (client) => client.cancel("a")],
  ["shutdown()", (client) => client.shutdown()],
])("%s is HTTP_FAILED for a refusal that never ends, with its start", async (_, call) => {
  const server = await serveRaw(floodBody("500 Internal Server Error"));

  const error = await failure(call(connect(server.url)));

  expect(error.code).toBe("HTTP_FAILED");
  expect(error.message).toContain("answered 500: [[[[");
  await waitFor("the connection is cut", () => server.leftCount() === 1 || undefined);
  expect(server.sentBytes()).toBeLessThan(SENT_AT_MOST);
});

test("executeAll() keeps 16 KiB of a refusal that never ends, and notes that it was cut", async () => {
  const server = await serveRaw(floodBody("500 Internal Server Error"));

  const outcomes = await executeAll(connect(server.url), [{ job_id: "a" }, { job_id: "b" }]);

  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: "http-error", httpStatus: 500, body: "[".repeat(16 * 1024) });
    const message = `the worker answered 500: ${"[".repeat(300)} (the body is cut after 16384 bytes)`;
    expect(outcome).toMatchObject({ message });
  }
  expect(server.sentBytes()).toBeLessThan(SENT_AT_MOST);
});

test("a load run with endless refusals keeps only a few bytes of each", async () => {
  const server = await serveRaw(floodBody("500 Internal Server Error"));

  const result = await runLoad(connect(server.url), {
    profile: { kind: "concurrency", clients: 4 },
    requests: (index) => ({ job_id: `job-${index}` }),
    stop: { count: 20 },
  });

  expect(result.records.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => "http-error"));
  expect(server.sentBytes()).toBeLessThan(24 * 4 * MIB);
});

test("executeAll() shows as much of an interrupted refusal as arrived", async () => {
  const server = await serveRaw((socket) =>
    socket.end("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 100\r\n\r\nhalf a rea"),
  );

  const [outcome] = await executeAll(connect(server.url), [{ job_id: "a" }]);

  const message = "the worker answered 503: half a rea (the body is cut after 10 bytes)";
  expect(outcome).toMatchObject({ status: "http-error", httpStatus: 503, body: "half a rea", message });
});

test("1 MiB is read, one byte more is rejected with the declared size", async () => {
  const sizes = [MIB, MIB + 1];
  const server = await serveRaw((socket) =>
    socket.end(answer("200 OK", "x".repeat(sizes.shift() ?? 0), "connection: close\r\n")),
  );
  const client = connect(server.url);

  expect(await (await client.request("/")).text()).toHaveLength(MIB);
  const error = await failure(client.request("/").then((response) => response.text()));

  expect(error.code).toBe("INVALID_RESPONSE");
  expect(error.message).toContain("is larger than 1048576 bytes: its content-length is 1048577");
});

test("`maxBytes` raises the limit, lowers it, and is checked", async () => {
  const server = await serveRaw((socket) =>
    socket.end(answer("200 OK", `"${"ü".repeat(MIB)}"`, "connection: close\r\n")),
  );
  const client = connect(server.url);

  expect(await (await client.request("/")).json({ maxBytes: 3 * MIB })).toBe("ü".repeat(MIB));
  expect((await failure(client.request("/").then((each) => each.text({ maxBytes: 10 })))).message).toContain(
    "is larger than 10 bytes",
  );
  const response = await client.request("/");
  expect((await failure(response.text({ maxBytes: -1 }))).code).toBe("INVALID_OPTION");
  expect((await failure(response.text({ bytes: 1 } as never))).code).toBe("INVALID_OPTION");
  response.abort();
});

test("an observer sees what was read of a body that is too large", async () => {
  const server = await serveRaw(floodBody("200 OK"));
  const seen: unknown[] = [];
  const watch: StreamWatch = {
    onFailed: () => seen.push("failed"),
    onHeaders: (status) => seen.push(status),
    onChunk: (chunk) => seen.push(chunk.byteLength),
    onEnd: ({ kind }) => seen.push(kind),
  };

  await failure(connect(server.url, { watcher: () => watch }).metrics());

  expect(seen).toEqual([200, MIB, "left"]);
});

test("a body in chunks of one byte is read whole", async () => {
  const text = "ünï".repeat(5_000);
  const chunks = [...Buffer.from(text)].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    socket.write(Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]));
  });

  expect(await (await connect(server.url).request("/")).text()).toBe(text);
});
