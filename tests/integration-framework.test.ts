import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import {
  assertEventOrder,
  assertStopReason,
  assertSuccessfulCompletion,
  assertTokenCount,
  collectSseEvents,
  extractEndEvent,
  extractText,
  extractTokens,
  findFreePort,
  isTestkitError,
  makeTestRequest,
  TestConfig,
  TestModel,
  TestPrompts,
  WorkerTestHarness,
  type InferenceEvent,
} from "inference-testkit";
import { matchers } from "inference-testkit/matchers";
import { expect as expectEvents } from "inference-testkit/vitest";
import { isRunning, rejectionOf } from "./support/conditions.js";
import { end, error, goodEvents, started, token } from "./support/events.js";

/** What an assertion throws. */
function failureOf(assertion: () => void): Error {
  try {
    assertion();
  } catch (cause) {
    return cause as Error;
  }
  throw new Error("Expected the assertion to fail, but it passed");
}

describe("event order", () => {
  test("started, tokens, end is valid", () => {
    assertEventOrder(goodEvents);
    expectEvents(goodEvents).toHaveEventOrder();
  });

  test("metrics may come between tokens", () => {
    assertEventOrder([started, token(0), { type: "metrics", tokens_per_sec: 5 }, token(1), end]);
  });

  test("an error event also ends a stream, even as the only event", () => {
    assertEventOrder([started, token(0), error]);
    assertEventOrder([error]);
  });

  const invalid: [name: string, rule: string, events: InferenceEvent[]][] = [
    ["no event at all", "empty", []],
    ["no started", "first", [token(0), end]],
    ["end without started", "first", [end]],
    ["no terminal event", "no-terminal", [started, token(0)]],
    ["a second started", "started-once", [started, token(0), started, end]],
    ["an index that jumps", "token-index", [started, token(0), token(2), end]],
    ["an index that repeats", "token-index", [started, token(0), token(0), end]],
    ["an index that does not begin at 0", "token-index", [started, token(1), end]],
    ["two end events", "after-terminal", [...goodEvents, end]],
    ["error after end", "after-terminal", [...goodEvents, error]],
    ["a token after the end", "after-terminal", [...goodEvents, token(2)]],
    ["an event after a lone error", "after-terminal", [error, end]],
  ];

  test.each(invalid)("%s fails", (_name, rule, events) => {
    expect(failureOf(() => assertEventOrder(events))).toMatchObject({ code: "ORDER_VIOLATED", details: { rule } });
    expect(matchers.toHaveEventOrder(events).pass).toBe(false);
  });

  test("the error has the index, the expected and the actual event", () => {
    const { message } = failureOf(() => assertEventOrder([started, token(0), token(2), end]));

    expect(message).toContain("At event 2 of 4: expected a token with i=1, got token i=2");
  });
});

describe("extraction", () => {
  test("several tokens are returned in order of arrival", () => {
    expect(extractTokens(goodEvents)).toEqual(["t0", "t1"]);
    expect(extractText(goodEvents)).toBe("t0t1");
  });

  test("a stream without tokens returns none", () => {
    expect(extractTokens([started, end])).toEqual([]);
    expect(extractText([])).toBe("");
  });

  test("the end event is found; without one, the error event is reported", () => {
    expect(extractEndEvent(goodEvents)).toBe(end);

    const failure = failureOf(() => extractEndEvent([started, error]));
    expect(isTestkitError(failure, "NO_END_EVENT")).toBe(true);
    expect(failure.message).toContain("VRAM_OOM");
  });
});

describe("token count", () => {
  test("an exact number and bounds pass", () => {
    assertTokenCount(goodEvents, 2);
    assertTokenCount(goodEvents, { min: 1, max: 2 });
    assertTokenCount([], 0);
    expectEvents(goodEvents).toHaveTokenCount(2);
  });

  test.each([3, 1, 0, { min: 3 }, { max: 1 }])("two tokens are not %o", (expected) => {
    const failure = failureOf(() => assertTokenCount(goodEvents, expected));

    expect(isTestkitError(failure, "TOKEN_COUNT_MISMATCH")).toBe(true);
    expect(failure.message).toContain("got 2 (`tokens_out` is 2)");
    expect(matchers.toHaveTokenCount(goodEvents, expected).pass).toBe(false);
  });

  test("an invalid expectation is an option error, not a failed assertion", () => {
    expect(
      isTestkitError(
        failureOf(() => assertTokenCount(goodEvents, -1)),
        "INVALID_OPTION",
      ),
    ).toBe(true);
    expect(
      isTestkitError(
        failureOf(() => assertTokenCount(goodEvents, {})),
        "INVALID_OPTION",
      ),
    ).toBe(true);
  });
});

describe("successful completion", () => {
  test("a stream that ends with end is a success", () => {
    assertSuccessfulCompletion(goodEvents);
    expectEvents(goodEvents).toCompleteSuccessfully();
  });

  test("fewer token events than tokens are a success, because bytes may be joined", () => {
    assertSuccessfulCompletion([started, token(0), { ...end, tokens_out: 3 }]);
  });

  const failures: [name: string, code: string, events: InferenceEvent[]][] = [
    ["an error event", "COMPLETION_FAILED", [started, token(0), error]],
    ["a lone error event", "COMPLETION_FAILED", [error]],
    ["stop reason cancelled", "COMPLETION_FAILED", [started, { ...end, stop_reason: "cancelled" }]],
    ["stop reason error", "COMPLETION_FAILED", [started, { ...end, stop_reason: "error" }]],
    ["more token events than tokens", "COMPLETION_FAILED", [started, token(0), { ...end, tokens_out: 0 }]],
    ["no terminal event", "ORDER_VIOLATED", [started, token(0)]],
    ["no event", "ORDER_VIOLATED", []],
  ];

  test.each(failures)("%s is not a success", (_name, code, events) => {
    expect(failureOf(() => assertSuccessfulCompletion(events))).toMatchObject({ code });
    expect(matchers.toCompleteSuccessfully(events).pass).toBe(false);
  });
});

describe("stop reason", () => {
  const stopped: InferenceEvent[] = [started, { ...end, stop_reason: "stop_sequence", stop_sequence_matched: "}" }];

  test("the expected reason and sequence pass", () => {
    assertStopReason(goodEvents, "max_tokens");
    assertStopReason(stopped, "stop_sequence", { sequence: "}" });
    expectEvents(stopped).toStopAt("}");
    expectEvents(goodEvents).toStopAt({ reason: "max_tokens" });
  });

  test("another reason, another sequence and no end event fail", () => {
    expect(failureOf(() => assertStopReason(goodEvents, "eos"))).toMatchObject({ code: "STOP_MISMATCH" });
    expect(failureOf(() => assertStopReason(stopped, "stop_sequence", { sequence: "]" })).message).toContain('"}"');
    expect(failureOf(() => assertStopReason([started, error], "eos")).message).toContain("VRAM_OOM");
    expect(matchers.toStopAt(stopped, "]").pass).toBe(false);
    expect(matchers.toStopAt(stopped, { reason: "eos" }).pass).toBe(false);
  });

  test("a reason that is not in the protocol is an option error", () => {
    const failure = failureOf(() => assertStopReason(goodEvents, "tired" as "eos"));

    expect(isTestkitError(failure, "INVALID_OPTION")).toBe(true);
  });
});

test("matchers can be negated, and then fail where they passed", () => {
  expectEvents([token(0)]).not.toHaveEventOrder();
  expect(() => expectEvents(goodEvents).not.toHaveEventOrder()).toThrow("wrong order");
});

describe("fixtures", () => {
  test("makeTestRequest() sets every field", () => {
    expect(Object.fromEntries(Object.entries(makeTestRequest("job-1", "Hello", 10)))).toEqual({
      job_id: "job-1",
      prompt: "Hello",
      max_tokens: 10,
      temperature: 0.7,
      seed: 42,
      top_p: 1,
      top_k: 0,
      min_p: 0,
      repetition_penalty: 1,
      stop: [],
    });
  });

  test("makeTestRequest() accepts overrides", () => {
    const request = makeTestRequest("job-1", "Hello", 10, { temperature: 0, stop: ["\n"] });

    expect(request).toMatchObject({ temperature: 0, stop: ["\n"], seed: 42 });
  });

  test("Qwen2.5-0.5B has its figures, and 12,288 bytes of KV cache per token", () => {
    const model = TestModel.qwen2_5_0_5b();

    expect(model).toMatchObject({ numLayers: 24, numKvHeads: 2, headDim: 64, vocabSize: 151_936 });
    expect(model.path).toMatch(/Qwen2\.5-0\.5B-Instruct-Q4_K_M\.gguf$/);
    expect(model.kvCacheBytes(1)).toBe(12_288);
  });

  test("the mock model has its figures, and no file", () => {
    const model = TestModel.mock();

    expect(model).toMatchObject({ numLayers: 2, numKvHeads: 2, headDim: 32, vocabSize: 1000, path: "" });
    expect(model.exists()).toBe(false);
    expect(
      isTestkitError(
        failureOf(() => void model.requireExists()),
        "MODEL_NOT_FOUND",
      ),
    ).toBe(true);
  });

  test("the synthetic model is a file whose figures are read from its own metadata", async () => {
    const model = await TestModel.synthetic();

    expect(model.requireExists().exists()).toBe(true);
    expect(model).toMatchObject({ numLayers: 2, numKvHeads: 2, headDim: 16 });
    expect(await TestModel.fromFile(model.path)).toEqual(model);
  });

  test("a file that is not a model is rejected with the reason", async () => {
    const missing = await rejectionOf(TestModel.fromFile("no-such-model.gguf"));
    const text = await rejectionOf(TestModel.fromFile("package.json"));

    expect(isTestkitError(missing, "MODEL_NOT_FOUND")).toBe(true);
    expect(isTestkitError(text, "MODEL_INVALID")).toBe(true);
  });

  test("the three configurations have their limits", () => {
    expect(TestConfig.default()).toEqual({ timeoutMs: 30_000, maxTokens: 10, gpuDevice: 0 });
    expect(TestConfig.fast()).toEqual({ timeoutMs: 10_000, maxTokens: 5, gpuDevice: 0 });
    expect(TestConfig.long()).toEqual({ timeoutMs: 60_000, maxTokens: 100, gpuDevice: 0 });
  });

  test("the prompts match their names", () => {
    expect(TestPrompts.simple()).toBe("Hello");
    expect(TestPrompts.short()).toBe("Write a haiku");
    expect(TestPrompts.long().split(/\s+/).length).toBeGreaterThan(200);
    expect(TestPrompts.json()).toMatch(/json/i);
    expect(TestPrompts.withStop().stop).not.toEqual([]);
  });
});

describe("free ports", () => {
  test("a free port can be bound, and is not assigned again before it is released", async () => {
    using first = await findFreePort();
    using second = await findFreePort();
    const server = createServer().listen(first.port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    await new Promise((resolve) => server.close(resolve));

    expect(second.port).not.toBe(first.port);
  });

  test("a released port is free again", async () => {
    const random = () => 0.5;
    const first = await findFreePort({ random });
    first.release();
    using second = await findFreePort({ random });

    expect(second.port).toBe(first.port);
  });
});

describe("a mock worker", () => {
  test("starts, reports its identity, and completes a job", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", TestPrompts.simple(), 5)));

    assertSuccessfulCompletion(events);
    assertTokenCount(events, 5);
    expect(await worker.health()).toMatchObject({ status: "healthy", worker_id: worker.workerId, pid: worker.pid });
    expect(worker.baseUrl).toBe(`http://127.0.0.1:${worker.port}`);
    expect(worker.readyAfterMs).toBeGreaterThan(0);
  });

  test("is gone after its scope", async () => {
    let pid: number;
    {
      await using worker = await WorkerTestHarness.startMock();
      pid = worker.pid!;
      expect(isRunning(pid)).toBe(true);
    }
    expect(isRunning(pid)).toBe(false);
  });

  test("is gone when the test fails, and the test's failure is reported", async () => {
    let pid = 0;
    const failing = async () => {
      await using worker = await WorkerTestHarness.startMock();
      pid = worker.pid!;
      assertTokenCount([], 1);
    };

    expect(isTestkitError(await rejectionOf(failing()), "TOKEN_COUNT_MISMATCH")).toBe(true);
    expect(isRunning(pid)).toBe(false);
  });
});
