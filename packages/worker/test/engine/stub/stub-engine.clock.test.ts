import { WorkerError } from "inference-worker-protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import { parseStubConfig, StubEngine } from "../../../src/engine/stub/index.js";
import { engineRequest, generateAll, stubControl, stubEngine } from "../../support/engines.js";

const never = () => new AbortController().signal;

describe("why it stops", () => {
  test("max_tokens", async () => {
    const { tokens, stop } = await generateAll(stubEngine(), engineRequest({ max_tokens: 7 }));
    expect([tokens.length, stop]).toEqual([7, "max_tokens"]);
  });

  test("outputTokens ends with end of sequence", async () => {
    const { tokens, stop } = await generateAll(stubEngine({ outputTokens: 3 }), engineRequest());
    expect([tokens.length, stop]).toEqual([3, "eos"]);
  });

  test("max_tokens takes precedence when both are reached at once", async () => {
    const { stop } = await generateAll(stubEngine({ outputTokens: 3 }), engineRequest({ max_tokens: 3 }));
    expect(stop).toBe("max_tokens");
  });

  test("a script that is exactly as long as max_tokens", async () => {
    const engine = stubEngine({ content: { script: ["a", "b"] } });
    expect((await generateAll(engine, engineRequest({ max_tokens: 2 }))).stop).toBe("max_tokens");
    expect((await generateAll(engine, engineRequest({ max_tokens: 3 }))).stop).toBe("eos");
  });
});

describe("pacing, on a simulated clock", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  /** When each token arrived, in ms since the start. */
  const arrivals = async (itlMs: number | number[], ttftMs: number, delayMs: (index: number) => number = () => 0) => {
    const engine = stubEngine({ content: "counter", timing: { ttftMs, itlMs } });
    const times: number[] = [];
    const run = { isOver: false };
    const generate = async (): Promise<void> => {
      const startedAtMs = performance.now();
      for await (const _ of engine.generate(engineRequest({ max_tokens: 20 }), never())) {
        times.push(performance.now() - startedAtMs);
        const pauseMs = delayMs(times.length);
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      run.isOver = true;
    };
    const generating = generate();
    while (!run.isOver) {
      await new Promise((resolve) => setImmediate(resolve)); // the tokens that are due by now
      await vi.advanceTimersByTimeAsync(1);
    }
    await generating;
    return times;
  };
  const indexes = Array.from({ length: 20 }, (_, index) => index);

  test("every token arrives at its time on the absolute schedule", async () => {
    const times = await arrivals(5, 30);
    expect(times.map(Math.round)).toEqual(indexes.map((index) => 30 + 5 * index));
  });

  test("a list of inter-token latencies repeats", async () => {
    const times = await arrivals([10, 0], 0);
    const due = indexes.map((index) => 10 * Math.ceil(index / 2));
    for (const [index, time] of times.entries()) {
      expect(time).toBeGreaterThanOrEqual(due[index]!);
      expect(time).toBeLessThan(due[index]! + 10);
    }
  });

  test("a late token does not make the next ones late", async () => {
    const times = await arrivals(5, 0, (index) => (index === 1 ? 50 : 0));
    // Tokens 1 to 10 are overdue after the pause; from the 11th on the schedule is the same as without a pause.
    expect(times.slice(12).map(Math.round)).toEqual(indexes.slice(12).map((index) => 5 * index));
    expect(times[10]! - times[1]!).toBeLessThan(5 * 9);
  });
});

describe("waiting", () => {
  test("the event loop still gets turns when there is nothing to wait for", async () => {
    let turns = 0;
    let running = true;
    const count = () => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await generateAll(stubEngine(), engineRequest({ max_tokens: 100 }));
    running = false;
    expect(turns).toBeGreaterThan(50);
  });

  test("an abort ends the wait for the next token", async () => {
    const engine = stubEngine({ timing: { itlMs: 3_600_000 } });
    const controller = new AbortController();
    const generator = engine.generate(engineRequest(), controller.signal);
    await generator.next();
    const next = generator.next();
    controller.abort();
    await next;
    await generator.return("eos");
  });
});

describe("faults", () => {
  test.each([
    ["vram-oom", "VRAM_OOM", "out of device memory after token 2 (stub fault)"],
    ["cuda-error", "CUDA_ERROR", "device failure after token 2 (stub fault)"],
    ["inference-failed", "INFERENCE_FAILED", "engine failure after token 2 (stub fault)"],
  ] as const)("%s is %s after exactly n tokens", async (id, code, message) => {
    const generator = stubEngine({ faults: [{ id, at: { afterTokens: 2 } }] }).generate(engineRequest(), never());
    await generator.next();
    await generator.next();
    const error: unknown = await generator.next().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(WorkerError);
    expect(error).toMatchObject({ code, message });
  });

  test("after 0 tokens there is no token", async () => {
    const engine = stubEngine({ faults: [{ id: "vram-oom", at: { afterTokens: 0 } }] });
    await expect(engine.generate(engineRequest(), never()).next()).rejects.toMatchObject({ code: "VRAM_OOM" });
  });

  test("it still happens after the last token", async () => {
    const engine = stubEngine({ faults: [{ id: "vram-oom", at: { afterTokens: 3 } }] });
    await expect(generateAll(engine, engineRequest({ max_tokens: 3 }))).rejects.toMatchObject({ code: "VRAM_OOM" });
  });

  test("it never happens after the end of the output", async () => {
    const engine = stubEngine({ faults: [{ id: "vram-oom", at: { afterTokens: 4 } }] });
    expect((await generateAll(engine, engineRequest({ max_tokens: 3 }))).stop).toBe("max_tokens");
  });

  test("each generation follows its own plan, even for the same request", async () => {
    const control = stubControl({ faults: [{ id: "vram-oom", at: { afterTokens: 1 }, when: { nth: 1 } }] });
    const request = engineRequest({ max_tokens: 3 });
    const [broken, plain] = [control.choose(request), control.choose(request)];
    const withPlan = (plan: typeof plain): Pick<Engine, "generate"> => ({
      generate: (given, signal) => control.engine.generate({ ...given }, signal, plan),
    });

    expect((await generateAll(withPlan(plain), request)).tokens).toHaveLength(3);
    await expect(generateAll(withPlan(broken), request)).rejects.toMatchObject({ code: "VRAM_OOM" });
    expect((await generateAll(control.engine, request)).tokens).toHaveLength(3);
    expect(control.accounts()).toMatchObject([{ matched: 1, fired: 1, skipped: 1 }]);
  });

  test("hang lasts until the abort", async () => {
    const controller = new AbortController();
    const generator = stubEngine({ faults: [{ id: "hang", at: { afterTokens: 0 } }] }).generate(
      engineRequest(),
      controller.signal,
    );
    let settled = false;
    const next = generator.next().finally(() => (settled = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(settled).toBe(false);
    controller.abort();
    await next;
  });
});

describe("memory", () => {
  test("follows the tokens of a job and is released", async () => {
    const engine = stubEngine();
    const idle = engine.memory().vramBytes;
    const generator = engine.generate(engineRequest({ prompt: "x".repeat(400) }), never());
    await generator.next();
    const one = engine.memory().vramBytes;
    await generator.next();
    expect(one - idle).toBe(101 * 4096);
    expect(engine.memory().vramBytes - idle).toBe(102 * 4096);
    await generator.return("eos");
    expect(engine.memory().vramBytes).toBe(idle);
  });

  test("is released after a failure", async () => {
    const engine = stubEngine({ faults: [{ id: "vram-oom", at: { afterTokens: 3 } }] });
    const idle = engine.memory().vramBytes;
    await expect(generateAll(engine, engineRequest())).rejects.toThrow();
    expect(engine.memory().vramBytes).toBe(idle);
  });
});

test("stopReason is the reason for an end after outputTokens or at the end of the content", async () => {
  const bySize = stubEngine({ outputTokens: 3, stopReason: "max_tokens" });
  expect((await generateAll(bySize, engineRequest())).stop).toBe("max_tokens");
  const byScript = stubEngine({ content: { script: ["a"] }, stopReason: "max_tokens" });
  expect((await generateAll(byScript, engineRequest())).stop).toBe("max_tokens");
});

test("deterministic: false yields different words each time and guarantees nothing", async () => {
  const engine = stubEngine({ deterministic: false });
  const [first, second] = [await generateAll(engine, engineRequest()), await generateAll(engine, engineRequest())];
  expect(first.tokens).not.toEqual(second.tokens);
  expect(engine.info.determinism).toEqual([]);
});

test("the memory figures follow the configuration, and a leak remains", async () => {
  const engine = stubEngine({ memory: { modelBytes: 1_000, bytesPerToken: 10, leakBytesPerJob: 7 } });
  expect(engine.memory().vramBytes).toBe(1_000);
  const generator = engine.generate(engineRequest({ prompt: "x".repeat(40) }), never());
  await generator.next();
  expect(engine.memory().vramBytes).toBe(1_110);
  await generator.return("eos");
  await generateAll(engine, engineRequest());
  expect(engine.memory().vramBytes).toBe(1_014);
});

describe("the context", () => {
  const engine = new StubEngine({ config: () => parseStubConfig({}), slots: 1, contextSize: 100 });

  test("has room for prompt and output together, up to the limit", () => {
    expect(() => engine.check(engineRequest({ prompt: "x".repeat(200), max_tokens: 50 }))).not.toThrow();
    expect(() => engine.check(engineRequest({ prompt: "x".repeat(201), max_tokens: 50 }))).toThrow(
      new WorkerError("CONTEXT_OVERFLOW", "prompt (51 tokens) and max_tokens (50) exceed the context of 100 tokens"),
    );
  });

  test("has room for the largest possible request by default", () => {
    const largest = engineRequest({ prompt: "🎉".repeat(32_768), max_tokens: 2048 });
    expect(() => stubEngine().check({ ...largest, prompt: "x".repeat(32_768) })).not.toThrow();
    expect(() => stubEngine().check(largest)).toThrow();
  });
});

test("it describes itself", async () => {
  const engine = stubEngine({}, 3);
  expect(engine.slots).toBe(3);
  expect(engine.info).toEqual({
    model: "stub",
    device: "stub",
    quantKind: "none",
    contextLength: 16_384,
    vocabSize: 52,
    resident: true,
    determinism: ["repeat", "restart", "slot", "load"],
  });
  await engine.dispose();
});
