import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineClient } from "./engine-client.js";

test("a version that the engine does not speak is refused, and a known one may follow", async () => {
  const engine = new EngineClient();
  const error = await engine.fail("initialize", { protocolVersion: 2 });
  expect(error).toMatchObject({ code: -32_003, data: { code: "UNKNOWN_VERSION" } });
  expect(error.message).toBe("Expected `params.protocolVersion` to be 1, got 2");
  expect(await engine.call("initialize", { protocolVersion: 1 })).toMatchObject({
    protocolVersion: 1,
    engine: { name: "inference-testkit", pid: engine.pid },
  });
});

test("calls right behind initialize are served", async () => {
  const engine = new EngineClient();
  const first = engine.send("initialize", { protocolVersion: 1 });
  const second = engine.send("makeTestRequest", { testRequest: { jobId: "j", prompt: "p", maxTokens: 1 } });
  expect((await engine.answerTo(first)).error).toBeUndefined();
  expect((await engine.answerTo(second)).result).toMatchObject({ job_id: "j", seed: 42 });
});

describe("hostile input", () => {
  let engine: EngineClient;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    engine = new EngineClient({}, (end) => ends.push(end));
    await engine.call("initialize", { protocolVersion: 1 });
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  test.each([
    ["text that is not JSON", "hello", null, -32_700, "Expected a line of JSON, got an invalid one"],
    ["JSON that is not an object", "42", null, -32_600, "Expected a JSON object, got `42`"],
    ["a batch", "[]", null, -32_600, "batches are not supported"],
    ["another version of JSON-RPC", '{"jsonrpc":"1.0","id":7,"method":"shutdown"}', 7, -32_600, "Expected `jsonrpc`"],
    ["a method that is not a string", '{"jsonrpc":"2.0","id":7,"method":1}', 7, -32_600, "Expected `method`"],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"shutdown"}', null, -32_600, "Expected `id`"],
    ["an unknown member", '{"jsonrpc":"2.0","id":7,"method":"x","extra":1}', 7, -32_600, 'got `"extra"`'],
    ["deep nesting", "[".repeat(100_000), null, -32_700, "nested more than 200 levels"],
    [
      "an unknown method",
      '{"jsonrpc":"2.0","id":7,"method":"worker.strat"}',
      7,
      -32_601,
      "did you mean `worker.start`?",
    ],
    [
      "params in an array",
      '{"jsonrpc":"2.0","id":7,"method":"worker.startMock","params":[1]}',
      7,
      -32_602,
      "Expected `params` to be an object",
    ],
    [
      "a number of a thousand digits",
      `{"jsonrpc":"2.0","id":7,"method":"x","params":{"a":${"9".repeat(1_001)}}}`,
      null,
      -32_700,
      "a number has 1001 characters",
    ],
  ])("%s is answered with an error that names the problem", async (...[, line, id, code, text]) => {
    engine.answers.length = 0; // those of earlier lines have the same id
    engine.writeLine(line);
    const { error } = await engine.answerTo(id);
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(text);
    expect(
      await engine.call("makeTestRequest", { testRequest: { jobId: "j", prompt: "p", maxTokens: 1 } }),
    ).toBeDefined();
  });

  test("bytes that are not UTF-8 are answered with an error", async () => {
    engine.answers.length = 0;
    engine.child.stdin.write(Buffer.from([0x22, 0xff, 0x22, 0x0a]));
    expect((await engine.answerTo(null)).error?.data["code"]).toBe("PARSE_ERROR");
  });

  test("a line beyond 8 MiB is skipped, and the next one is read as usual", async () => {
    engine.answers.length = 0;
    engine.writeLine(`"${"x".repeat(9 * 1024 ** 2)}"`);
    expect((await engine.answerTo(null)).error?.message).toBe(
      "Expected a line of at most 8388608 bytes, got one of 9437186; it was skipped",
    );
    expect(
      await engine.call("makeTestRequest", { testRequest: { jobId: "j", prompt: "p", maxTokens: 1 } }),
    ).toBeDefined();
  });

  test.each([
    ["a missing param", "worker.execute", { worker: "worker-1" }, "params.request"],
    ["an unknown param", "worker.startMock", { option: {} }, "params.option"],
    ["an unknown handle", "worker.health", { worker: "worker-9" }, "params.worker"],
    ["a handle that is not a string", "worker.health", { worker: 1 }, "params.worker"],
    ["an invalid option", "worker.startMock", { options: { readyTimeoutMs: -1 } }, "params.options.readyTimeoutMs"],
    ["a misspelled option", "worker.startMock", { options: { paralel: 1 } }, "params.options.paralel"],
    ["an option that cannot be sent", "worker.startMock", { options: { signal: {} } }, "params.options.signal"],
    ["an invalid time-out", "worker.startMock", { callTimeoutMs: "soon" }, "params.callTimeoutMs"],
    ["an unknown assertion", "assert", { name: "assertEverything" }, "params.name"],
    [
      "events that are not events",
      "assert",
      { name: "assertEventOrder", events: [{ type: "token" }] },
      "params.events[0]",
    ],
    [
      "an unknown override",
      "makeTestRequest",
      { testRequest: { jobId: "j", prompt: "p", maxTokens: 1, overrides: { sed: 1 } } },
      "overrides.sed",
    ],
    [
      "a test request without a prompt",
      "makeTestRequest",
      { testRequest: { jobId: "j", maxTokens: 1 } },
      "params.testRequest.prompt",
    ],
  ])("%s is named in the error", async (...[, method, params, option]) => {
    const error = await engine.fail(method, params);
    expect(error).toMatchObject({ code: -32_602, data: { code: "INVALID_OPTION", option } });
    expect(error.message).toContain(option.split(".").at(-1));
  });
});

test("an id that is in use is refused", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const id = engine.send("worker.waitForLog", { worker, text: "never printed", timeoutMs: 30_000 });
  engine.writeLine(JSON.stringify({ jsonrpc: "2.0", id, method: "worker.info", params: { worker } }));
  expect((await engine.answerTo(id)).error?.message).toContain("Expected a fresh `id`");
});

test("a cancelled call is answered at once", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const id = engine.send("worker.waitForLog", { worker, text: "never printed", timeoutMs: 60_000 });
  engine.notify("$/cancel", { id });
  expect((await engine.answerTo(id)).error).toMatchObject({ code: -32_800, data: { code: "CANCELLED" } });
});

test("a call that takes too long is answered with CALL_TIMEOUT", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const params = { worker, text: "never printed", timeoutMs: 60_000, callTimeoutMs: 20 };
  expect(await engine.fail("worker.waitForLog", params)).toMatchObject({ data: { code: "CALL_TIMEOUT" } });
});

test("a notification that is not known is reported on stderr and not answered", async () => {
  const engine = await EngineClient.start();
  engine.notify("worker.startMock", {});
  engine.notify("$/cancel", {});
  await engine.call("shutdown");
  await engine.exited;
  expect(engine.stderr).toContain('ignored the notification "worker.startMock": a call needs an `id`');
  expect(engine.stderr).toContain("ignored the notification $/cancel: [INVALID_OPTION] Expected `params.id`");
  expect(engine.answers).toHaveLength(2);
});

test("a thousand calls may be in flight, and one more is refused", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const params = { worker, text: "never printed", timeoutMs: 60_000 };
  const ids = Array.from({ length: 1_001 }, () => engine.send("worker.waitForLog", params));
  expect((await engine.answerTo(ids.at(-1))).error).toMatchObject({ data: { code: "TOO_MANY_CALLS" } });
  for (const id of ids) engine.notify("$/cancel", { id });
  for (const id of ids.slice(0, -1)) expect((await engine.answerTo(id)).error?.code).toBe(-32_800);
  expect(await engine.call("worker.info", { worker })).toMatchObject({ worker });
});
