import { describe, expect, test } from "vitest";
import { connectRaw, rawPost } from "../support/raw-connection.js";
import { execute, health, job, post, readEvents, StreamReader, typesOf } from "../support/requests.js";
import { spawnWorker, startWorker, stub, type WorkerProcess } from "../support/worker-process.js";

const STOPPED = { code: 0, signal: null };
const SLOW = stub({ content: "counter", timing: { itlMs: 20 } });
const ENDLESS = stub({ content: "counter", timing: { itlMs: [1, 1, 3_600_000] } });

async function startStream(worker: WorkerProcess, fields: Record<string, unknown> = {}): Promise<StreamReader> {
  const stream = new StreamReader(await execute(worker, fields));
  await stream.waitForTokens(1);
  return stream;
}

describe("an idle worker", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("exits with 0 on %s and reports the reason", async (signal) => {
    const worker = await startWorker(["--worker-id", "w"]);
    worker.signal(signal);
    expect(await worker.exited).toEqual(STOPPED);
    expect(worker.lines.at(-1)).toMatchObject({ event: "shutdown", worker_id: "w", reason: signal, grace_ms: 5000 });
    expect(worker.stderr).toBe("");
  });

  test("answers POST /shutdown with 202 and exits with 0", async () => {
    const worker = await startWorker();
    const answer = await post(`${worker.url}/shutdown`, {});
    expect([answer.status, await answer.json()]).toEqual([202, { state: "shutting_down" }]);
    expect(await worker.exited).toEqual(STOPPED);
    expect(worker.lines.at(-1)).toMatchObject({ event: "shutdown", reason: "POST /shutdown" });
  });

  test("does not wait for idle connections, unfinished requests or the grace period", async () => {
    const worker = await startWorker(["--shutdown-grace-sec", "3600"]);
    const idle = await connectRaw(worker.port);
    idle.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await idle.waitForText(/healthy/);
    await connectRaw(worker.port);
    (await connectRaw(worker.port)).send(rawPost("/execute", job()).slice(0, -3));
    expect((await health(worker)).status).toBe("healthy");
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual(STOPPED);
  });
});

describe("a busy worker", () => {
  test("finishes its running job within the grace period and rejects queued and new ones", async () => {
    const worker = await startWorker(SLOW);
    const running = await startStream(worker, { max_tokens: 30 });
    const queued = await execute(worker);
    const pooled = await connectRaw(worker.port);
    worker.signal("SIGTERM");
    expect(await readEvents(queued)).toEqual([
      { type: "error", code: "SHUTTING_DOWN", message: "the worker shut down before the job started", retriable: true },
    ]);
    const refused = await execute(worker);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await refused.json()).toMatchObject({ code: "SHUTTING_DOWN", retriable: true });
    const unhealthy = await fetch(`${worker.url}/health`);
    expect([unhealthy.status, ((await unhealthy.json()) as { status: string }).status]).toEqual([503, "unhealthy"]);
    await running.ended;
    expect(running.events.at(-1)).toMatchObject({ type: "end", tokens_out: 30 });
    expect(await worker.exited).toEqual(STOPPED);
    await pooled.closed;
  });

  test("ends jobs that outlast the grace period with CANCELLED, and exits with 0", async () => {
    const worker = await startWorker(["--shutdown-grace-sec", "0.1", ...ENDLESS]);
    const stream = await startStream(worker);
    worker.signal("SIGTERM");
    await stream.ended;
    expect(typesOf(stream.events)).toEqual(["started", "token", "token", "token", "error"]);
    expect(stream.events.at(-1)).toMatchObject({ code: "CANCELLED", retriable: false });
    expect(await worker.exited).toEqual(STOPPED);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("exits immediately on a second %s", async (signal, code) => {
    const worker = await startWorker(["--shutdown-grace-sec", "3600", ...ENDLESS]);
    await startStream(worker);
    worker.signal("SIGTERM");
    await worker.waitForLine("shutdown");
    worker.signal(signal);
    expect(await worker.exited).toEqual({ code, signal: null });
  });

  test("POST /shutdown is idempotent, and a first signal after it does not cut off the jobs", async () => {
    const worker = await startWorker(SLOW);
    const stream = await startStream(worker, { max_tokens: 20 });
    expect((await post(`${worker.url}/shutdown`, {})).status).toBe(202);
    expect((await post(`${worker.url}/shutdown`, {})).status).toBe(202);
    worker.signal("SIGTERM");
    await stream.ended;
    expect(stream.events.at(-1)).toMatchObject({ type: "end", tokens_out: 20 });
    expect(await worker.exited).toEqual(STOPPED);
    expect(worker.linesOf("shutdown")).toHaveLength(1);
  });

  test("a client that reads nothing does not delay the exit", async () => {
    const worker = await startWorker(["--shutdown-grace-sec", "0.1", ...stub({ content: "unicode" })]);
    const lazy = await connectRaw(worker.port);
    lazy.socket.pause();
    lazy.send(rawPost("/execute", job({ max_tokens: 2048 })));
    await worker.waitForLine("execute_start");
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual(STOPPED);
  });
});

describe("a worker that is not serving yet", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("exits with 0 on %s", async (signal) => {
    const worker = spawnWorker(["--port", "0", "--stub-mode", ...stub({ startupDelayMs: 3_600_000 })]);
    await worker.waitForLine("model_load_start");
    worker.signal(signal);
    expect(await worker.exited).toEqual(STOPPED);
    expect(worker.lines.at(-1)).toMatchObject({ event: "shutdown", reason: signal });
    expect(worker.linesOf("ready")).toEqual([]);
  });
});

describe("a log that is no longer read", () => {
  test("does not end the worker", async () => {
    const worker = await startWorker();
    worker.child.stdout.destroy();
    worker.child.stderr.destroy();
    for (let round = 0; round < 3; round++) {
      expect((await readEvents(await execute(worker))).at(-1)?.type).toBe("end");
    }
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual(STOPPED);
  });
});
