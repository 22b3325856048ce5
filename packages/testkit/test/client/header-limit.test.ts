import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../../../tests/support/conditions.js";
import { executeAll } from "../../src/jobs/index.js";
import { connect, failure, serveRaw } from "./hostile-servers.js";

const EARLY_HINTS = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
const LONGEST_MS = 20_000;

/** Sends something again and again, without an end but for a bound. */
function repeat(socket: Socket, everyMs: number, next: (index: number) => string): void {
  let index = 0;
  const timer = setInterval(() => socket.write(next(index++)), everyMs);
  const bound = setTimeout(() => socket.destroy(), LONGEST_MS);
  socket.on("close", () => {
    clearInterval(timer);
    clearTimeout(bound);
  });
}

const SENDERS: readonly [string, (socket: Socket) => void][] = [
  ["103 again and again", (socket) => repeat(socket, 10, () => EARLY_HINTS)],
  ["103 in floods", (socket) => repeat(socket, 1, () => EARLY_HINTS.repeat(200))],
  [
    "a header byte by byte",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
      repeat(socket, 10, () => "x");
    },
  ],
  ["a status line byte by byte", (socket) => repeat(socket, 20, (index) => "HTTP/1.1 200 OK\r\nx: y"[index] ?? "y")],
  ["nothing", () => undefined],
];

test.each(SENDERS)("%s instead of an answer is LIMIT_HEADERS, and the connection is cut", async (_, send) => {
  const server = await serveRaw(send);
  const client = connect(server.url);
  const request = { job_id: "a" };

  const errors = await Promise.all([
    failure(client.execute(request, { timeoutMs: 300 })),
    failure(client.execute(request, { timeouts: { headersMs: 300 }, dedicatedConnection: true })),
    failure(client.health({ timeoutMs: 300 })),
  ]);

  for (const error of errors) {
    expect(error.code).toBe("LIMIT_HEADERS");
    expect(error.message).toContain("within 300 ms");
  }
  await waitFor("the connections are cut", () => server.leftCount() === 3 || undefined);
});

test("a job that gets only 103 responses is `limit-exceeded`", async () => {
  const server = await serveRaw((socket) => repeat(socket, 10, () => EARLY_HINTS));

  const [outcome] = await executeAll(connect(server.url), [{ request: { job_id: "a" }, timeouts: { headersMs: 300 } }]);

  expect(outcome).toMatchObject({ status: "limit-exceeded", limit: "headersMs" });
});

test("103 before a timely answer changes nothing", async () => {
  const server = await serveRaw((socket) =>
    socket.write(`${EARLY_HINTS}${EARLY_HINTS}HTTP/1.1 204 No Content\r\n\r\n`),
  );
  const client = connect(server.url);

  for (let round = 0; round < 2; round += 1) expect((await client.request("/")).status).toBe(204);
});

test("a request on a kept-alive connection has the whole time-out to itself", async () => {
  let count = 0;
  const server = await serveRaw((socket) => {
    const respond = () =>
      setTimeout(() => socket.write("HTTP/1.1 204 No Content\r\n\r\n"), (count += 1) === 1 ? 0 : 200);
    socket.on("data", respond);
    respond();
  });
  const client = connect(server.url);

  await client.request("/", { timeoutMs: 5_000 });
  expect((await client.request("/", { timeoutMs: 10_000 })).status).toBe(204);
});

/** Answers 50 ms after it has said on stdout that a request came. */
const LATE_SERVER = `
  const server = require("node:http").createServer((request, response) => {
    process.stdout.write("request\\n");
    setTimeout(() => response.end("there"), 50);
  }).listen(0, "127.0.0.1", () => process.stdout.write(server.address().port + "\\n"));
  setTimeout(() => process.exit(), 20_000);`;

test("a blocked event loop does not count against a worker whose headers have arrived", async () => {
  const child = spawn(process.execPath, ["-e", LATE_SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const client = connect(`http://127.0.0.1:${port.toString().trim()}`);

  const answered = client.request("/", { timeoutMs: 4_000 });
  await once(child.stdout, "data");
  const until = performance.now() + 5_000;
  while (performance.now() < until); // blocks the loop past the limit

  expect(await (await answered).text()).toBe("there");
});
