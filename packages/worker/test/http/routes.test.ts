import { parseCancelAnswer, parseHealth } from "inference-worker-protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectError } from "../support/expect-error.js";
import { connectRaw } from "../support/raw-connection.js";
import { execute, health, job, post, readEvents, StreamReader, typesOf, waitForSlots } from "../support/requests.js";
import { startSharedWorker, startWorker, stub, type WorkerProcess } from "../support/worker-process.js";

let worker: WorkerProcess;
beforeAll(async () => {
  worker = await startSharedWorker(["--worker-id", "w-1"]);
});
afterAll(() => worker.stop());

describe("POST /execute", () => {
  test("answers a valid request with an event stream", async () => {
    const response = await execute(worker);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("x-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(typesOf(await readEvents(response))).toEqual(["started", ...Array<string>(5).fill("token"), "end"]);
  });

  test.each([18446744073709551615n, 9007199254740993n, 0n])("reports the seed %s exactly", async (seed) => {
    const [started] = await readEvents(await execute(worker, { seed }));
    expect(String((started as { seed: bigint }).seed)).toBe(String(seed));
  });

  test.each([null, undefined])(
    "chooses a seed when it is %s, and reports one that repeats the tokens",
    async (seed) => {
      const first = await readEvents(await execute(worker, { seed }));
      const chosen = (first[0] as { seed: bigint }).seed;
      const second = await readEvents(await execute(worker, { seed: chosen }));
      expect(second.slice(1, -1)).toEqual(first.slice(1, -1));
      const third = await readEvents(await execute(worker, { seed }));
      expect((third[0] as { seed: bigint }).seed).not.toBe(chosen);
    },
  );

  test("reports all field errors at once", async () => {
    const response = await post(`${worker.url}/execute`, { prompt: "", max_tokens: 0, stop: [7] });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [
        { field: "job_id", constraint: "required", message: "job_id is required" },
        { field: "prompt", constraint: "non_empty", message: "prompt must not be empty" },
        { field: "max_tokens", constraint: "range(1..=2048)", message: "max_tokens must be from 1 to 2048", value: 0 },
        { field: "stop[0]", constraint: "type(string)", message: "stop[0] must be a string" },
      ],
    });
  });

  test("echoes a rejected u64 exactly", async () => {
    const text = await (
      await post(`${worker.url}/execute`, '{"job_id":"a","prompt":"x","seed":18446744073709551616}')
    ).text();
    expect(text).toContain('"value":18446744073709551616');
  });

  test.each(["", "{", "not json", '"text"', "null", "1", "[]", "[{}]"])("%j is INVALID_REQUEST", async (body) => {
    await expectError(await post(`${worker.url}/execute`, body), "INVALID_REQUEST");
  });

  test("does not repeat a broken body in its answer", async () => {
    const response = await post(`${worker.url}/execute`, '{"job_id":"a","prompt":"SECRET" SECRET}');
    const { message } = await expectError(response, "INVALID_REQUEST");
    expect(message).toBe("the body is not JSON in UTF-8 (at position 32)");
    const other = await expectError(await post(`${worker.url}/execute`, 'SECRET: "x"'), "INVALID_REQUEST");
    expect(other.message).toBe("the body is not JSON in UTF-8");
  });

  test("bytes that are not UTF-8 are INVALID_REQUEST", async () => {
    const body = Buffer.concat([Buffer.from('{"job_id":"a","prompt":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${worker.url}/execute`, { method: "POST", headers, body });
    await expectError(response, "INVALID_REQUEST");
  });

  test.each([
    ["application/json", 200],
    ["Application/JSON", 200],
    ["application/json; charset=utf-8", 200],
    ['application/json;charset="UTF-8"', 200],
    ["application/json; charset=utf8; profile=x", 200],
    ["application/json;", 200],
    ["application/json; charset=latin1", 415],
    ["application/jsonp", 415],
    ["text/json", 415],
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
  ])("content type %j is answered with %i", async (type, status) => {
    const response = await execute(worker, {}, { headers: { "content-type": type } });
    if (status === 415) await expectError(response, "UNSUPPORTED_MEDIA_TYPE");
    else expect(typesOf(await readEvents(response)).at(-1)).toBe("end");
  });

  test("no content type is UNSUPPORTED_MEDIA_TYPE", async () => {
    const response = await fetch(`${worker.url}/execute`, { method: "POST", body: Buffer.from(JSON.stringify(job())) });
    await expectError(response, "UNSUPPORTED_MEDIA_TYPE");
  });

  test("prompt and output must fit into the context", async () => {
    const small = await startWorker(["--context-size", "64"]);
    await expectError(await execute(small, { max_tokens: 64 }), "CONTEXT_OVERFLOW");
    expect(typesOf(await readEvents(await execute(small, { max_tokens: 62 }))).at(-1)).toBe("end");
  });

  test("--max-tokens-out limits max_tokens, and is its default", async () => {
    const small = await startWorker(["--max-tokens-out", "3"]);
    expect((await execute(small, { max_tokens: 4 })).status).toBe(400);
    const events = await readEvents(await execute(small, { max_tokens: undefined }));
    expect(events.at(-1)).toMatchObject({ type: "end", tokens_out: 3 });
  });
});

describe("a body at the limit of 1 MiB", () => {
  const LIMIT = 1024 * 1024;
  const padded = (size: number) => {
    const body = JSON.stringify(job({ padding: "" }));
    return body.replace('"padding":""', `"padding":"${"x".repeat(size - body.length)}"`);
  };

  test("is accepted, one byte more is PAYLOAD_TOO_LARGE", async () => {
    expect((await readEvents(await post(`${worker.url}/execute`, padded(LIMIT)))).at(-1)?.type).toBe("end");
    await expectError(await post(`${worker.url}/execute`, padded(LIMIT + 1)), "PAYLOAD_TOO_LARGE");
  });

  test("far above it, a client that is still writing gets the answer, not a reset", async () => {
    for (let round = 0; round < 10; round++) {
      await expectError(await post(`${worker.url}/execute`, "x".repeat(8 * LIMIT)), "PAYLOAD_TOO_LARGE");
    }
  });

  test("includes chunks without a declared length", async () => {
    const connection = await connectRaw(worker.port);
    const chunk = `80000\r\n${"x".repeat(0x80000)}\r\n`;
    const head =
      "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    connection.send(`${head}Connection: close\r\n\r\n${chunk.repeat(6)}0\r\n\r\n`);
    await connection.closed;
    expect(connection.statuses).toEqual([413]);
    expect(connection.failure).toBeUndefined();
  });
});

describe("cancel", () => {
  test("POST /cancel/{job_id} and POST /cancel end the stream with CANCELLED", async () => {
    const slow = await startWorker(stub({ content: "counter", timing: { itlMs: 5 } }));
    for (const byPath of [true, false]) {
      const request = job({ job_id: `läuft/${byPath}`, max_tokens: 2000 });
      const stream = new StreamReader(await post(`${slow.url}/execute`, request));
      await stream.waitForTokens(2);
      const path = byPath ? `/cancel/${encodeURIComponent(request.job_id)}` : "/cancel";
      const answer = await post(`${slow.url}${path}`, { job_id: request.job_id });
      expect(answer.status).toBe(202);
      expect(parseCancelAnswer(await answer.json())).toEqual({ job_id: request.job_id, state: "cancelling" });
      await stream.ended;
      expect(stream.events.at(-1)).toMatchObject({ type: "error", code: "CANCELLED" });
      const again = await post(`${slow.url}${path}`, { job_id: request.job_id });
      expect(await again.json()).toEqual({ job_id: request.job_id, state: "finished" });
      await waitForSlots(slow, 0);
    }
  });

  test("an unknown job is reported as unknown, with 202", async () => {
    const answer = await post(`${worker.url}/cancel/nobody`, {});
    expect([answer.status, await answer.json()]).toEqual([202, { job_id: "nobody", state: "unknown" }]);
  });

  test.each(["{}", '{"job_id":""}', '{"job_id":7}', "[]", "x"])(
    "POST /cancel with %s is INVALID_REQUEST",
    async (body) => {
      await expectError(await post(`${worker.url}/cancel`, body), "INVALID_REQUEST");
    },
  );

  test("a path that is not percent-encoded UTF-8 is INVALID_REQUEST", async () => {
    await expectError(await post(`${worker.url}/cancel/%ff`, {}), "INVALID_REQUEST");
  });
});

describe("GET /health", () => {
  test("describes the worker", async () => {
    const response = await fetch(`${worker.url}/health`);
    expect(response.status).toBe(200);
    const answer = parseHealth(await response.json());
    expect(answer).toMatchObject({
      status: "healthy",
      worker_id: "w-1",
      model: "stub",
      device: "stub",
      resident: true,
      quant_kind: "none",
      context_length: 16384,
      vocab_size: 52,
      slots: { total: 1, busy: 0, queued: 0 },
      determinism: ["repeat", "restart", "slot", "load"],
      pid: worker.child.pid,
    });
    expect(answer.uptime_seconds).toBeLessThan(600);
  });

  test("counts busy slots and queued jobs, even during a generation", async () => {
    const slow = await startWorker(["--parallel", "2", ...stub({ timing: { ttftMs: 3_600_000 } })]);
    const streams = await Promise.all([1, 2, 3].map(() => execute(slow)));
    expect((await health(slow)).slots).toEqual({ total: 2, busy: 2, queued: 1 });
    await Promise.all(streams.map((stream) => stream.body!.cancel()));
    await waitForSlots(slow, 0, 0);
  });
});

test("GET /metrics is Prometheus text with every metric of the contract", async () => {
  const fresh = await startWorker();
  await readEvents(await execute(fresh));
  await post(`${fresh.url}/execute`, "{");
  const response = await fetch(`${fresh.url}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(text).toMatch(/^worker_vram_bytes \d+$/m);
  expect(text).toMatch(/^worker_uptime_seconds [\d.]+$/m);
  expect(text).toMatch(/^worker_requests_total\{outcome="completed"\} 1$/m);
  expect(text).toMatch(/^worker_requests_total\{outcome="rejected"\} 1$/m);
  expect(text).toMatch(/^worker_tokens_generated_total 5$/m);
  expect(text).toMatch(/^worker_slots\{state="total"\} 1$/m);
  expect(text).toMatch(/^worker_slots\{state="busy"\} 0$/m);
  expect(text).toMatch(/^worker_slots\{state="queued"\} 0$/m);
  for (const name of ["worker_inference_duration_ms", "worker_time_to_first_token_ms"]) {
    expect(text).toMatch(new RegExp(`^# TYPE ${name} histogram$`, "m"));
    expect(text).toMatch(new RegExp(`^${name}_bucket\\{le="\\+Inf"\\} 1$`, "m"));
    expect(text).toMatch(new RegExp(`^${name}_count 1$`, "m"));
  }
  expect(text.endsWith("\n")).toBe(true);
});

describe("paths and methods", () => {
  test.each([
    "/",
    "/Execute",
    "/execute/",
    "//execute",
    "/health/x",
    "/cancel/a/b",
    "/cancel/",
    "/../health",
    "/favicon.ico",
  ])("%s is NOT_FOUND", async (path) => {
    const connection = await connectRaw(worker.port);
    connection.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await connection.closed;
    expect(connection.statuses).toEqual([404]);
    expect(connection.text).toContain('"code":"NOT_FOUND"');
  });

  test.each([
    ["GET", "/execute", "POST"],
    ["PUT", "/execute", "POST"],
    ["OPTIONS", "/execute", "POST"],
    ["POST", "/health", "GET, HEAD"],
    ["DELETE", "/metrics", "GET, HEAD"],
    ["GET", "/cancel", "POST"],
    ["GET", "/cancel/a", "POST"],
    ["GET", "/shutdown", "POST"],
  ])("%s %s is METHOD_NOT_ALLOWED, Allow: %s", async (method, path, allow) => {
    const response = await fetch(worker.url + path, { method });
    expect(response.headers.get("allow")).toBe(allow);
    await expectError(response, "METHOD_NOT_ALLOWED");
  });

  test("HEAD has the status and no body", async () => {
    const answers = await Promise.all(
      ["/health", "/execute"].map((path) => fetch(worker.url + path, { method: "HEAD" })),
    );
    expect(answers.map(({ status, headers }) => [status, headers.get("allow")])).toEqual([
      [200, null],
      [405, "POST"],
    ]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["", ""]);
  });

  test.each(["/health?a=1", "/health?", "/health?/execute"])("%s: the query is ignored", async (path) => {
    expect((await fetch(worker.url + path)).status).toBe(200);
  });

  test("an absolute URL as the request target is accepted", async () => {
    const connection = await connectRaw(worker.port);
    connection.send("GET http://localhost:80/health?x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await connection.closed;
    expect(connection.statuses).toEqual([200]);
  });
});
