import { expect, test } from "vitest";
import { waitForIdle } from "../../src/jobs/index.js";
import { connect, failure, serveRaw } from "../client/hostile-servers.js";

/** Answers every request of a connection with the next of these bodies, and then with the last one. */
async function serveHealth(...bodies: readonly string[]) {
  const left = [...bodies];
  return serveRaw((socket) => {
    const respond = () => {
      const body = (left.length > 1 ? left.shift() : left[0]) ?? "";
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    };
    socket.on("data", respond);
    respond();
  });
}

test("waitForIdle() needs `slots.busy` and `slots.queued` of /health, and nothing else", async () => {
  const server = await serveHealth(
    '{"slots":{"busy":1,"queued":0}}',
    '{"slots":{"busy":0,"queued":1}}',
    '{"slots":{"busy":0,"queued":0},"status":7}',
  );

  expect((await waitForIdle(connect(server.url))).waitedMs).toBeGreaterThan(0);
});

test("a /health without these is INVALID_RESPONSE, and the message names them", async () => {
  const server = await serveHealth('{"status":"healthy","slots":{"busy":0}}');

  const error = await failure(waitForIdle(connect(server.url)));

  expect(error.code).toBe("INVALID_RESPONSE");
  expect(error.message.replaceAll(/:\d+/g, ":PORT")).toMatchInlineSnapshot(`
    "[INVALID_RESPONSE] the answer of http://127.0.0.1:PORT/health breaks the protocol: \`slots.queued\` missing
    hint: waitForIdle() needs the numbers of busy and queued jobs and nothing else: let the worker report them.
      body: {"status":"healthy","slots":{"busy":PORT}}"
  `);
});

test("a worker that stays busy and reports no total is IDLE_TIMEOUT", async () => {
  const server = await serveHealth('{"slots":{"busy":2,"queued":3}}');

  const error = await failure(waitForIdle(connect(server.url), { timeoutMs: 100 }));

  expect(error.code).toBe("IDLE_TIMEOUT");
  expect(error.message).toContain("after 100 ms 2 slots are still busy, and 3 jobs are queued");
});

test("a target without slots() is queried with health()", async () => {
  const server = await serveHealth('{"slots":{"busy":0,"queued":0}}');
  const client = connect(server.url);
  const target = {
    execute: client.execute.bind(client),
    cancel: client.cancel.bind(client),
    health: client.health.bind(client),
  };

  expect((await failure(waitForIdle(target))).message).toContain("`status`, `worker_id`");
});

/** Answers with these bodies one after the other, and then with a head whose body stops in the middle. */
async function serveStalledBody(...bodies: readonly string[]) {
  const left = [...bodies];
  return serveRaw((socket) => {
    const respond = () => {
      const body = left.shift();
      const rest = body ?? '{"slots":{"busy":0,';
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body === undefined ? 500 : rest.length}\r\n\r\n${rest}`);
    };
    socket.on("data", respond);
    respond();
  });
}

test("a /health whose body stops after its head is IDLE_TIMEOUT within the time of the wait", async () => {
  const server = await serveStalledBody();
  const error = await failure(waitForIdle(connect(server.url), { timeoutMs: 200 }));

  expect(error.code).toBe("IDLE_TIMEOUT");
  expect(error.message).toContain("after 200 ms the worker does not answer `/health` completely");
});

test("the same after a complete answer has the slots of that one", async () => {
  const server = await serveStalledBody('{"slots":{"busy":2,"queued":3}}');
  const error = await failure(waitForIdle(connect(server.url), { timeoutMs: 200 }));

  expect(error).toMatchObject({ code: "IDLE_TIMEOUT", details: { busy: 2, queued: 3 } });
  expect(error.message).toMatch(
    /after 200 ms 2 slots are still busy, and 3 jobs are queued; the last complete answer arrived after \d+ ms/,
  );
});
