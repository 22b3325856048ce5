import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { collectStream } from "../../src/events/index.js";
import { encode, started, tap, token } from "../events/support.js";
import { connect, failure, serveRaw } from "./hostile-servers.js";

const partial = encode([started, token(0)]);
const head = (headers: string) => `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n${headers}\r\n`;

const HEADS: readonly [string, string][] = [
  ["ends with the connection", "connection: close\r\n"],
  ["ends with the connection, which is not said", ""],
  ["has a length and `connection: close`", `connection: close\r\ncontent-length: ${partial.length + 100}\r\n`],
  ["has a length", `content-length: ${partial.length + 100}\r\n`],
];

/** Sends a head and two events, and does something to the connection once they are received. */
async function collectBroken(headers: string, dedicatedConnection: boolean, breakUp: (socket: Socket) => void) {
  let socket: Socket | undefined;
  const server = await serveRaw((accepted) => {
    socket = accepted;
    accepted.write(head(headers) + partial);
  });
  const response = await connect(server.url).execute({ job_id: "job-1" }, { dedicatedConnection });
  const body = tap(response.body, () => socket && breakUp(socket));
  return await collectStream(body);
}

describe.each([false, true])("with `dedicatedConnection: %s`", (dedicatedConnection) => {
  test.each(HEADS)("a reset of a body that %s is a transport error", async (_, headers) => {
    const { outcome, events } = await collectBroken(headers, dedicatedConnection, (socket) => socket.resetAndDestroy());

    expect(outcome).toMatchObject({ status: "transport-error", code: "ECONNRESET", byteOffset: partial.length });
    expect(events).toHaveLength(2);
  });

  test.each(HEADS.slice(0, 2))("a FIN of a body that %s is a clean end", async (_, headers) => {
    const { outcome } = await collectBroken(headers, dedicatedConnection, (socket) => socket.end());

    expect(outcome).toEqual({ status: "truncated", endedBy: "close" });
  });
});

/** Another process, because in this one the client would read the bytes before the reset is sent. */
const WRITES_AND_ENDS = `
  const server = require("node:net").createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(process.argv[1]);
      if (process.argv[2] === "reset") socket.resetAndDestroy();
      else socket.end();
    });
  }).listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));
  setTimeout(() => process.exit(), 60_000);`;

// Elsewhere the system does not report bytes and a reset as one event.
test.runIf(process.platform === "linux").each([
  ["reset", { status: "transport-error", code: "ECONNRESET" }],
  ["end", { status: "truncated", endedBy: "close" }],
])("a %s that arrives together with the last bytes is recognized as such", async (how, expected) => {
  const answer = head("connection: close\r\n") + partial;
  const child = spawn(process.execPath, ["-e", WRITES_AND_ENDS, answer, how], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const client = connect(`http://127.0.0.1:${port.toString()}`);
  for (let round = 0; round < 10; round += 1) {
    const { outcome, bytes } = await collectStream(await client.execute({ job_id: "job-1" }));
    expect(outcome).toMatchObject(expected);
    expect(bytes).toBe(partial.length);
  }
});

test("a reset while the body is not being read is a transport error, not an unhandled error", async () => {
  let socket: Socket | undefined;
  const server = await serveRaw((accepted) => {
    socket = accepted;
    // More than the body's buffer takes, less than it and the socket's together: the parser waits, the socket reads.
    accepted.write(`${head("connection: close\r\n")}${": comment\n".repeat(7_000)}`);
  });
  const response = await connect(server.url).execute({ job_id: "job-1" });
  const body = response.body[Symbol.asyncIterator]();
  await body.next();
  const closed = new Promise((resolve) => socket?.once("close", resolve));
  socket?.resetAndDestroy();
  await closed;

  const read = async () => {
    while ((await body.next()).done !== true);
  };
  await expect(read()).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
});

test("text() of a body that is reset is INVALID_RESPONSE, not half an answer", async () => {
  const server = await serveRaw((socket) =>
    socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf", () =>
      setTimeout(() => socket.resetAndDestroy(), 100),
    ),
  );
  const error = await failure(connect(server.url).metrics());

  expect(error.code).toBe("INVALID_RESPONSE");
  expect(error.message).toContain("ECONNRESET");
});

test("a reset before the headers is CONNECT_FAILED with the system's message", async () => {
  const server = await serveRaw((socket) => socket.resetAndDestroy());
  const error = await failure(connect(server.url).health());

  expect(error.code).toBe("CONNECT_FAILED");
  expect(error.message).toContain("failed: read ECONNRESET (ECONNRESET)");
  expect(error.details["cause"]).toBe("ECONNRESET");
});
