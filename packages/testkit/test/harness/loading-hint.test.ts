import { describe, expect, test } from "vitest";
import { LoadingHint } from "../../src/client/index.js";
import { collectSseEvents } from "../../src/events/index.js";
import { makeTestRequest } from "../../src/requests/index.js";
import { WorkerTestHarness, type ProgramOptions } from "../../src/harness/index.js";
import { errorOf, workerOptions } from "../launch/helpers.js";

const HINT = "a server may listen while it still loads its model";
const request = makeTestRequest("job-1", "x", 1);

function launch(how: string, options: Partial<ProgramOptions> = {}): Promise<WorkerTestHarness> {
  const program = workerOptions(["loads-first", "{port}", how]);
  return WorkerTestHarness.launch({ ...program, ready: { kind: "port" }, ...options });
}

describe("a worker that is ready when its port is open but still loading", () => {
  test("answers 503: the errors mention it", async () => {
    await using worker = await launch("refuses");

    const stream = await errorOf(worker.execute(request).then((response) => collectSseEvents(response)));
    const call = await errorOf(worker.metrics());

    for (const error of [stream, call]) {
      expect(error).toMatchObject({ code: "HTTP_FAILED" });
      expect(error.message).toContain(HINT);
      expect(error.message).toContain('`ready: { kind: "http", path: "/health" }`');
    }
  });

  test("resets connections: the error mentions it", async () => {
    await using worker = await launch("resets");

    const error = await errorOf(worker.execute(request));

    expect(error).toMatchObject({ code: "CONNECT_FAILED" });
    expect(error.message).toContain(HINT);
  });

  test("is checked for its identity: the error mentions it", async () => {
    const error = await errorOf(launch("refuses", { workerId: "w1" }));

    expect(error).toMatchObject({ code: "WRONG_IDENTITY" });
    expect(error.message).toContain(HINT);
  });

  test("has served: a later 503 has another reason", async () => {
    await using worker = await launch("refuses");
    process.kill(worker.pid!, "SIGUSR2");
    await worker.logs.waitFor("loaded");
    await (await worker.request("/v1/models")).text();

    const response = await worker.request("/busy");

    expect(response.status).toBe(503);
    expect(response.refusalHint).toBeUndefined();
    await response.text();
  });
});

test("a worker that was ready by an HTTP answer gets no such hint", async () => {
  const program = workerOptions(["healthy-late", "{port}"]);
  await using worker = await WorkerTestHarness.launch({ ...program, ready: { kind: "http" } });

  const response = await worker.request("/execute");

  expect(response.refusalHint).toBeUndefined();
  await response.text();
});

test("an answer of /health while the model loads does not end the hint, and a restart renews it", () => {
  const loading = new LoadingHint("/health");
  expect(loading.text).toBeUndefined();
  loading.begin();
  loading.noteAnswer("/health", 200);
  loading.noteAnswer("/execute", 503);
  expect(loading.forStatus(503)).toContain(HINT);
  expect(loading.forStatus(500)).toBeUndefined();
  loading.noteAnswer("/execute", 200);
  expect(loading.text).toBeUndefined();
  loading.begin();
  expect(loading.text).toContain(HINT);
});
