import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRaw, rawPost } from "../support/raw-connection.js";
import { execute, health, job, readEvents, StreamReader, waitForSlots } from "../support/requests.js";
import { temporaryFile } from "../support/temporary-file.js";
import { waitFor } from "../support/wait-for.js";
import { startSharedWorker, startWorker, stub, type WorkerProcess } from "../support/worker-process.js";

const GET_HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

let worker: WorkerProcess;
beforeAll(async () => {
  worker = await startSharedWorker(["--max-queue", "1000", ...stub({ content: "counter", timing: { itlMs: 2 } })]);
});
afterAll(() => worker.stop());

describe("a client that goes away", () => {
  test("during its stream frees the slot", async () => {
    const controller = new AbortController();
    const response = await execute(worker, { max_tokens: 2000 }, { signal: controller.signal });
    const stream = new StreamReader(response);
    await stream.waitForTokens(2);
    controller.abort();
    await waitForSlots(worker, 0);
  });

  test("while its job is queued takes it out of the queue", async () => {
    const running = await execute(worker, { max_tokens: 2000 });
    const queued = await connectRaw(worker.port);
    queued.send(rawPost("/execute", job()));
    await waitForSlots(worker, 1, 1);
    queued.socket.resetAndDestroy();
    await waitForSlots(worker, 1, 0);
    await running.body!.cancel();
    await waitForSlots(worker, 0, 0);
  });

  test("with several pipelined jobs cancels all of them", async () => {
    const connection = await connectRaw(worker.port);
    for (let index = 0; index < 20; index++) connection.send(rawPost("/execute", job({ max_tokens: 2000 })));
    await waitForSlots(worker, 1, 19);
    connection.socket.destroy();
    await waitForSlots(worker, 0, 0);
    expect(worker.stderr).toBe("");
  });

  test("before its body is complete leaves nothing", async () => {
    for (const cut of [1, 50, 200]) {
      const connection = await connectRaw(worker.port);
      connection.send(rawPost("/execute", job()).slice(0, -cut)).socket.resetAndDestroy();
    }
    expect((await health(worker)).slots).toEqual({ total: 1, busy: 0, queued: 0 });
  });

  test("right after its request, repeatedly, never leaves a job behind", async () => {
    for (let round = 0; round < 50; round++) {
      const connection = await connectRaw(worker.port);
      connection.send(rawPost("/execute", job({ max_tokens: 2000 })));
      connection.socket.end();
      if (round % 2 === 0) setImmediate(() => connection.socket.resetAndDestroy());
    }
    await waitForSlots(worker, 0, 0);
  });
});

describe("keep-alive", () => {
  test.each<[string, string, number]>([
    ["400, no JSON", rawPost("/execute", "x").replace(/"x"$/, "{x}"), 400],
    ["400, wrong fields", rawPost("/execute", {}), 400],
    ["404 with a body", rawPost("/nowhere", { some: "body" }), 404],
    ["405 with a body", rawPost("/health", { some: "body" }), 405],
    ["413", rawPost("/execute", "x".repeat(3_000_000)), 413],
    ["415", rawPost("/execute", {}).replace("application/json", "text/plain"), 415],
    ["202", rawPost("/cancel/a", {}), 202],
    ["200, a stream", rawPost("/execute", job({ max_tokens: 2 })), 200],
  ])("a connection serves the next request after a %s", async (_name, request, status) => {
    const connection = await connectRaw(worker.port);
    connection.send(request).send(GET_HEALTH);
    await connection.waitForText(/"status":"healthy"/);
    expect(connection.statuses).toEqual([status, 200]);
    expect(connection.text).toContain("Connection: keep-alive");
  });

  test("pipelined requests are answered in order", async () => {
    const connection = await connectRaw(worker.port);
    const [a, b] = [job({ max_tokens: 3 }), job({ max_tokens: 3 })];
    connection.send(rawPost("/execute", a) + GET_HEALTH + rawPost("/execute", b));
    await waitFor("both streams", () => connection.text.split("event: end").length === 3);
    const order = [...connection.text.matchAll(/"job_id":"([^"]+)"|"status":"(healthy)"/g)].map((m) => m[1] ?? m[2]);
    expect(order).toEqual([a.job_id, "healthy", b.job_id]);
  });

  test("hundreds of idle connections do not affect it", async () => {
    const idle = await Promise.all(Array.from({ length: 500 }, () => connectRaw(worker.port)));
    for (const connection of idle) connection.send(GET_HEALTH);
    await waitFor("all answers", () => idle.every((connection) => connection.statuses.length === 1));
    expect((await readEvents(await execute(worker))).at(-1)?.type).toBe("end");
  });

  test("more connections than file descriptors: the worker survives and serves again afterwards", async () => {
    const limited = await startWorker([], { before: "ulimit -n 64" });
    const many = await Promise.all(Array.from({ length: 100 }, () => connectRaw(limited.port)));
    for (const connection of many) connection.send(GET_HEALTH);
    await waitFor("some answers", () => many.filter(({ statuses }) => statuses.length === 1).length > 20);
    for (const connection of many) connection.socket.destroy();
    await waitFor("service", () =>
      health(limited).then(
        ({ status }) => status === "healthy",
        () => false,
      ),
    );
    expect(limited.isRunning).toBe(true);
  });
});

describe("invalid HTTP", () => {
  test.each([
    "garbage\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "GET /health HTTP/9.9\r\n\r\n",
    "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "POST /execute HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\nhello",
    `GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`,
  ])("%j is answered with 400 and the connection is closed", async (bytes) => {
    const connection = await connectRaw(worker.port);
    connection.send(bytes);
    await connection.closed;
    expect(connection.statuses).toEqual([400]);
    expect(connection.text).toMatch(/^x-correlation-id: [0-9a-f-]{36}\r$/m);
    const [head = "", body = ""] = connection.text.split("\r\n\r\n");
    expect(head).toMatch(`content-length: ${body.length}`);
    expect(JSON.parse(body)).toEqual({
      code: "INVALID_REQUEST",
      message: "the request is not valid HTTP",
      retriable: false,
    });
  });

  test("in the middle of a stream never gets into the stream", async () => {
    const connection = await connectRaw(worker.port);
    connection.send(rawPost("/execute", job({ max_tokens: 2000 })));
    await connection.waitForText(/event: token/);
    connection.send("garbage\r\n\r\n");
    await connection.closed;
    expect(connection.statuses).toEqual([200]);
    expect(connection.text).not.toContain("INVALID_REQUEST");
    await waitForSlots(worker, 0);
  });

  test("an invalid chunk size in a body does not affect others", async () => {
    const connection = await connectRaw(worker.port);
    const head =
      "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    connection.send(`${head}zz\r\nnot a chunk\r\n`);
    await connection.closed;
    expect((await health(worker)).status).toBe("healthy");
  });
});

describe("slow clients", () => {
  test("a body that arrives byte by byte is read", async () => {
    const connection = await connectRaw(worker.port);
    for (const byte of rawPost("/execute", job({ max_tokens: 2 }))) {
      connection.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await connection.waitForText(/event: end/);
  });

  test("an unfinished body takes no slot and delays no one", async () => {
    const connection = await connectRaw(worker.port);
    connection.send(rawPost("/execute", job()).slice(0, -5));
    expect((await readEvents(await execute(worker))).at(-1)?.type).toBe("end");
    expect((await health(worker)).slots).toEqual({ total: 1, busy: 0, queued: 0 });
  });

  test("a client that never reads uses bounded memory and delays no one", async () => {
    // 24 MiB in all; the kernel's socket buffers take up to 10 MiB of it, the worker itself holds 64 KiB and one token.
    const script = Array.from({ length: 384 }, () => "x".repeat(64 * 1024));
    const config = await temporaryFile("stub.json", JSON.stringify({ content: { script } }));
    const big = await startWorker(["--parallel", "2", "--stub-config", config]);
    const lazy = await connectRaw(big.port);
    lazy.socket.pause();
    lazy.send(rawPost("/execute", job({ max_tokens: 2048 })));
    await waitForSlots(big, 1);
    expect(await untilConstant(() => generatedTokens(big))).toBeLessThan(script.length);
    expect((await readEvents(await execute(big, { max_tokens: 10 }))).at(-1)).toMatchObject({ type: "end" });
    expect((await health(big)).slots.busy).toBe(1);
    lazy.socket.resume();
    await lazy.waitForText(/"stop_reason":"eos"/);
    await waitForSlots(big, 0);
  });
});

test("Expect: 100-continue is answered", async () => {
  const connection = await connectRaw(worker.port);
  const [head = "", body = ""] = rawPost("/execute", job({ max_tokens: 1 }), ["Expect: 100-continue"]).split(
    "\r\n\r\n",
  );
  connection.send(`${head}\r\n\r\n`);
  await connection.waitForText(/^HTTP\/1\.1 100 /m);
  connection.send(body);
  await connection.waitForText(/event: end/);
});

test("HTTP/1.0 also gets its stream, then the connection is closed", async () => {
  const connection = await connectRaw(worker.port);
  connection.send(rawPost("/execute", job({ max_tokens: 2 })).replace("HTTP/1.1", "HTTP/1.0"));
  await connection.closed;
  expect(connection.text).toMatch(/event: end\ndata: .*\n\n$/);
});

async function generatedTokens(of: WorkerProcess): Promise<number> {
  const text = await (await fetch(`${of.url}/metrics`)).text();
  return Number(/^worker_tokens_generated_total (\d+)$/m.exec(text)?.[1]);
}

/** Waits until a figure has stayed the same for a while. */
async function untilConstant(read: () => Promise<number>): Promise<number> {
  const SAME_COUNT = 20;
  let last = await read();
  let same = 0;
  await waitFor("a figure that stays the same", async () => {
    const now = await read();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    return same >= SAME_COUNT;
  });
  return last;
}
