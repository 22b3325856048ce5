import { describe, expect, test } from "vitest";
import { parseStubConfig } from "../src/index.js";

function messageOf(value: unknown): string {
  try {
    parseStubConfig(value);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return "valid";
}

test("everything has a default", () => {
  expect(parseStubConfig({})).toEqual({
    content: "words",
    replies: [],
    models: [],
    stopReason: "eos",
    timing: { ttftMs: 0, prefillMsPerToken: 0, itlMs: 0, burst: 1, stalls: [] },
    startupDelayMs: 0,
    readyAfterMs: 0,
    deterministic: true,
    memory: { modelBytes: 64 * 1024 * 1024, bytesPerToken: 4_096, leakBytesPerJob: 0 },
    seed: 0,
    journal: true,
    faults: [],
    mutants: [],
  });
});

test("a full configuration is returned unchanged", () => {
  const full = {
    content: { script: ["Hi", "!"] },
    outputTokens: 5,
    stopReason: "max_tokens",
    timing: { ttftMs: 1.5, prefillMsPerToken: 1, itlMs: [1, 2], burst: 2, stalls: [{ afterTokens: 3, ms: 50 }] },
    replies: [
      {
        when: { contains: "a", conversationContains: "b", role: "tool", turn: 2, tool: "weather" },
        times: 1,
        reasoning: "r",
        text: ["t"],
        toolCalls: [{ id: "c", name: "weather", arguments: { city: "Paris" } }],
        stopReason: "content_filter",
        usage: { promptTokens: 1, completionTokens: 2, cachedTokens: 3, reasoningTokens: 4 },
      },
    ],
    models: ["gpt-4o", "*"],
    startupDelayMs: 10,
    readyAfterMs: 5,
    deterministic: false,
    memory: { modelBytes: 1, bytesPerToken: 2, leakBytesPerJob: 3 },
    seed: 7,
    journal: false,
    faults: [],
    mutants: [],
  };
  expect(parseStubConfig(full)).toEqual(full);
});

test("faults are returned with every default filled in", () => {
  expect(parseStubConfig({ faults: [{ id: "vram-oom", at: { afterTokens: 3 } }] }).faults).toEqual([
    { id: "vram-oom", params: {}, at: { afterTokens: 3 }, match: {}, when: "always", optional: false },
  ]);
});

describe("accepted values", () => {
  test.each([
    ...["words", "counter", "echo", "unicode"].map((content) => ({ content })),
    { content: { script: [""] } },
    { outputTokens: 1 },
    { replies: [{}] },
    { replies: [{ toolCalls: [{ name: "f", arguments: "not JSON" }] }] },
    { models: ["*"] },
    { timing: {} },
    { timing: { itlMs: 3_600_000 } },
    { startupDelayMs: 0 },
    { timing: { itlMs: { uniform: [1, 1] } } },
    { timing: { itlMs: { normal: { meanMs: 5, sdMs: 0 } } } },
    { timing: { itlMs: { logNormal: { medianMs: 5, sigma: 0.5 } } } },
    { seed: 2 ** 32 - 1 },
    ...["inference-failed", "vram-oom", "cuda-error", "hang"].map((id) => ({ faults: [{ id }] })),
  ])("%j", (value) => {
    expect(messageOf(value)).toBe("valid");
  });
});

describe("rejected values, naming the key", () => {
  test.each<[unknown, string]>([
    [null, "stub config"],
    [[], "stub config"],
    ["words", "stub config"],
    [{ contents: "words" }, "contents"],
    [{ content: "poem" }, "content"],
    [{ content: { script: [] } }, "content.script"],
    [{ content: { script: ["a"], loop: true } }, "content.loop"],
    [{ content: { script: [1] } }, "content.script.0"],
    [{ replies: {} }, "replies"],
    [{ replies: [{ text: "" }] }, "replies.0.text"],
    [{ replies: [{ text: [] }] }, "replies.0.text"],
    [{ replies: [{ when: { turn: 0 } }] }, "replies.0.when.turn"],
    [{ replies: [{ when: { role: "robot" } }] }, "replies.0.when.role"],
    [{ replies: [{}, { times: 0 }] }, "replies.1.times"],
    [{ replies: [{ toolCalls: [{ arguments: {} }] }] }, "replies.0.toolCalls.0.name"],
    [{ replies: [{ toolCalls: [{ name: "f", arguments: [] }] }] }, "replies.0.toolCalls.0.arguments"],
    [{ replies: [{ stopReason: "stop" }] }, "replies.0.stopReason"],
    [{ replies: [{ usage: { promptTokens: -1 } }] }, "replies.0.usage.promptTokens"],
    [{ models: "gpt-4o" }, "models"],
    [{ models: [""] }, "models.0"],
    [{ outputTokens: 0 }, "outputTokens"],
    [{ outputTokens: 1.5 }, "outputTokens"],
    [{ timing: { ttft: 5 } }, "timing.ttft"],
    [{ timing: { ttftMs: -1 } }, "timing.ttftMs"],
    [{ timing: { ttftMs: 3_600_001 } }, "timing.ttftMs"],
    [{ timing: { itlMs: "5" } }, "timing.itlMs"],
    [{ timing: { itlMs: [] } }, "timing.itlMs"],
    [{ timing: { itlMs: [1, -1] } }, "timing.itlMs.1"],
    [{ startupDelayMs: Infinity }, "startupDelayMs"],
    [{ timing: { itlMs: { uniform: [2, 1] } } }, "timing.itlMs.uniform"],
    [{ timing: { itlMs: { uniform: [1] } } }, "timing.itlMs.uniform.1"],
    [{ timing: { itlMs: { normal: { meanMs: -1, sdMs: 0 } } } }, "timing.itlMs.normal.meanMs"],
    [{ timing: { itlMs: { logNormal: { medianMs: 1, sigma: 9 } } } }, "timing.itlMs.logNormal.sigma"],
    [{ timing: { burst: 0 } }, "timing.burst"],
    [{ timing: { stalls: [{ ms: 5 }] } }, "timing.stalls.0.afterTokens"],
    [{ stopReason: "stop_sequence" }, "stopReason"],
    [{ memory: { leak: 1 } }, "memory.leak"],
    [{ seed: -1 }, "seed"],
    [{ faults: [{ id: "hang", at: { afterTokens: -1 } }] }, "faults[0].at.afterTokens"],
    [{ faults: [{ id: "hang" }, { id: "hang", times: 0 }] }, "faults[1].times"],
  ])("%j", (value, key) => {
    expect(messageOf(value)).toContain(`\`${key}\`: `);
  });

  test.each([
    [{ faults: {} }, "Expected `faults` to be an array"],
    [{ faults: [{ id: "explode" }] }, "Expected `faults[0].id` to be one of"],
  ])("%j", (value, start) => {
    expect(messageOf(value)).toContain(start);
  });

  test("and the value", () => {
    expect(messageOf({ content: "poem" })).toContain('"poem"');
    expect(messageOf({ startupDelayMs: -5 })).toContain("-5");
  });
});

test("an unknown key is rejected with the known ones", () => {
  expect(messageOf({ fault: [] })).toMatch(
    /^`fault`: expected one of content, .*, faults, mutants; did you mean `faults`\?$/,
  );
  expect(messageOf({ timing: { itl: 4 } })).toBe(
    "`timing.itl`: expected one of ttftMs, prefillMsPerToken, itlMs, burst, stalls; did you mean `itlMs`?",
  );
  expect(messageOf({ replies: [{ when: { contain: "a" } }] })).toMatch(
    /^`replies\.0\.when\.contain`: expected one of contains, .*; did you mean `contains`\?$/,
  );
  expect(messageOf({ replies: [{ toolcalls: [] }] })).toMatch(/did you mean `toolCalls`\?$/);
});
