import { createConnection } from "node:net";
import { describe, expect, test } from "vitest";
import { collectStream, WorkerTestHarness } from "inference-testkit";
import { waitFor } from "./support/conditions.js";
import { describeEngines, stubEngine, useWorker } from "./support/engines.js";
import { complete, makeRequest, nextJobId } from "./support/jobs.js";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describeEngines((engine) => {
  const worker = useWorker(() => engine.start());

  test("GET /health has every field of the protocol", async () => {
    const health = await worker().health();

    expect(health).toMatchObject({
      status: "healthy",
      worker_id: worker().workerId,
      pid: worker().pid,
      resident: true,
      slots: { total: 1, busy: 0, queued: 0 },
      determinism: ["repeat", "restart", "slot", "load"],
    });
    for (const name of ["model", "device", "quant_kind"] as const) expect(health[name]).not.toBe("");
    for (const name of ["vram_bytes", "context_length", "vocab_size"] as const) expect(health[name]).toBeGreaterThan(0);
  });

  test("the uptime increases", async () => {
    const { uptime_seconds: before } = await worker().health();

    await waitFor("growing uptime", async () => (await worker().health()).uptime_seconds > before || undefined);
  });

  test("GET /metrics has every name of the protocol, in the Prometheus text format", async () => {
    const response = await worker().request("/metrics");
    const metrics = await worker().metrics();
    const types = [...metrics.text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);

    expect(response.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(types.sort()).toEqual([
      "worker_inference_duration_ms histogram",
      "worker_requests_total counter",
      "worker_slots gauge",
      "worker_time_to_first_token_ms histogram",
      "worker_tokens_generated_total counter",
      "worker_uptime_seconds gauge",
      "worker_vram_bytes gauge",
    ]);
    expect(metrics.value("worker_vram_bytes")).toBe((await worker().health()).vram_bytes);
    expect(metrics.value("worker_slots", { state: "total" })).toBe(1);
    await response.text();
  });

  test("the metrics count jobs and tokens", async () => {
    const count = async () => {
      const metrics = await worker().metrics();
      return {
        completed: metrics.value("worker_requests_total", { outcome: "completed" }) ?? 0,
        rejected: metrics.value("worker_requests_total", { outcome: "rejected" }) ?? 0,
        tokens: metrics.value("worker_tokens_generated_total") ?? 0,
        durations: metrics.value("worker_inference_duration_ms_count") ?? 0,
        firstTokens: metrics.value("worker_time_to_first_token_ms_count") ?? 0,
      };
    };
    const before = await count();

    const { end } = await complete(worker(), { max_tokens: 7 });
    await (await worker().execute({ job_id: "incomplete" })).text();

    expect(await count()).toEqual({
      completed: before.completed + 1,
      rejected: before.rejected + 1,
      tokens: before.tokens + end.tokens_out,
      durations: before.durations + 1,
      firstTokens: before.firstTokens + 1,
    });
  });
});

describe("paths and methods", () => {
  const worker = useWorker(() => stubEngine.start());

  test.each(["/", "/execute/", "/Execute", "/executes", "/cancel/a/b", "/health/live", "/..%2fhealth", "//health"])(
    "%s is 404 NOT_FOUND",
    async (path) => {
      const response = await worker().request(path, { method: "POST" });

      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "NOT_FOUND", retriable: false });
    },
  );

  test.each([
    ["GET", "/execute", "POST"],
    ["PUT", "/execute", "POST"],
    ["GET", "/cancel", "POST"],
    ["DELETE", "/cancel/job-1", "POST"],
    ["GET", "/shutdown", "POST"],
    ["POST", "/health", "GET"],
    ["POST", "/metrics", "GET"],
  ] as const)("%s %s is 405 with Allow: %s", async (method, path, allow) => {
    const response = await worker().request(path, { method });

    expect(response.status).toBe(405);
    expect(response.headers["allow"]).toBe(allow);
    expect(await response.json()).toMatchObject({ code: "METHOD_NOT_ALLOWED" });
  });

  test("a query is ignored", async () => {
    const response = await worker().request("/health?verbose=1");

    expect(response.status).toBe(200);
    await response.text();
  });

  test("invalid HTTP is answered with 400, and the worker continues", async () => {
    const socket = createConnection(worker().port, "127.0.0.1").setEncoding("latin1");
    let answer = "";
    socket.on("data", (text: string) => (answer += text));
    socket.write("Good morning!\r\n\r\n");
    await new Promise((resolve) => socket.once("close", resolve));

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain("INVALID_REQUEST");
    expect((await worker().health()).status).toBe("healthy");
  });
});

describe("the correlation id", () => {
  const worker = useWorker(() => stubEngine.start());
  const given = "5bd0f3a6-7a5e-4f0c-9d5d-0d1f5b7c9a11";

  /** The id that an answer carries. */
  async function idOf(path: string, options: Parameters<WorkerTestHarness["request"]>[1] = {}): Promise<string> {
    const response = await worker().request(path, options);
    await response.text();
    return response.correlationId ?? "none";
  }

  test.each(["/health", "/metrics", "/nowhere", "/execute", "/cancel/x"])(
    "of the client is echoed by %s",
    async (path) => {
      expect(await idOf(path, { headers: { "x-correlation-id": given } })).toBe(given);
    },
  );

  test("is a new UUID v4 on every answer if the client sends none", async () => {
    const [first, second] = [await idOf("/health"), await idOf("/health")];

    expect(first).toMatch(UUID_V4);
    expect(second).toMatch(UUID_V4);
    expect(second).not.toBe(first);
  });

  test.each(["", "42", "not-a-uuid", `${given}0`, `{${given}}`])("%o is replaced by a new one", async (id) => {
    expect(await idOf("/health", { headers: { "x-correlation-id": id } })).toMatch(UUID_V4);
  });

  test("is on the stream's response and in the log lines of the job", async () => {
    const response = await worker().execute(makeRequest(), { headers: { "x-correlation-id": given } });
    await collectStream(response);

    expect(response.correlationId).toBe(given);
    const line = await worker().logs.waitFor("execute_end");
    expect(JSON.parse(line.text)).toMatchObject({ correlation_id: given, job_id: response.jobId });
  });
});

describe("POST /cancel", () => {
  const worker = useWorker(() => WorkerTestHarness.startMock({ stub: { timing: { itlMs: 20 } } }));

  test("of an unknown job is 202 unknown", async () => {
    expect(await worker().cancel("no such job")).toEqual({ job_id: "no such job", state: "unknown" });
  });

  test("of an ended job is 202 finished, any number of times", async () => {
    const job_id = nextJobId();
    await complete(worker(), { job_id, max_tokens: 1 });

    expect(await worker().cancel(job_id)).toEqual({ job_id, state: "finished" });
    expect(await worker().cancel(job_id)).toEqual({ job_id, state: "finished" });
  });

  test.each(["path", "body"])("of a running job, with the id in the %s, is 202 cancelling", async (place) => {
    const request = makeRequest({ job_id: `${nextJobId()} ü/?`, max_tokens: 2000 });
    const response = await worker().execute(request);
    const path = place === "path" ? `/cancel/${encodeURIComponent(request.job_id)}` : "/cancel";
    const body = place === "path" ? undefined : JSON.stringify({ job_id: request.job_id });

    const answer = await worker().request(path, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });

    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ job_id: request.job_id, state: "cancelling" });
    expect((await collectStream(response)).outcome).toMatchObject({
      terminal: { code: "CANCELLED", retriable: false },
    });
  });

  test.each(["{}", '{"job_id":""}', '{"job_id":7}', "[]", "oops"])("with the body %s is 400", async (body) => {
    const headers = { "content-type": "application/json" };
    const response = await worker().request("/cancel", { method: "POST", headers, body });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "INVALID_REQUEST" });
  });

  test("with a path that is not percent-encoded UTF-8 is 400", async () => {
    const response = await worker().request("/cancel/%ff", {
      method: "POST",
      headers: { "content-type": "application/json" },
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "INVALID_REQUEST" });
  });

  test("a job that was cancelled counts as cancelled, and its slot is free", async () => {
    const request = makeRequest({ max_tokens: 2000 });
    const response = await worker().execute(request);
    await worker().cancel(request.job_id);
    await collectStream(response);

    await waitFor("free slot", async () => (await worker().health()).slots.busy === 0 || undefined);
    expect((await worker().metrics()).value("worker_requests_total", { outcome: "cancelled" })).toBeGreaterThan(0);
  });
});
