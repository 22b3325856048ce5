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
    timing: { ttftMs: 0, gapMs: 0 },
    startupDelayMs: 0,
    faults: [],
  });
});

test("a full configuration comes through unchanged", () => {
  const full = {
    content: { script: ["Hi", "!"] },
    outputTokens: 5,
    timing: { ttftMs: 1.5, gapMs: [1, 2] },
    startupDelayMs: 10,
    faults: [{ id: "vram-oom", afterTokens: 3 }],
  };
  expect(parseStubConfig(full)).toEqual(full);
});

describe("what is accepted", () => {
  test.each([
    ...["words", "counter", "echo", "unicode"].map((content) => ({ content })),
    { content: { script: [""] } },
    { outputTokens: 1 },
    { timing: {} },
    { timing: { gapMs: 3_600_000 } },
    { startupDelayMs: 0 },
    ...["inference-failed", "vram-oom", "cuda-error", "hang"].map((id) => ({ faults: [{ id, afterTokens: 0 }] })),
  ])("%j", (value) => {
    expect(messageOf(value)).toBe("valid");
  });
});

describe("what is refused, naming the key", () => {
  test.each<[unknown, string]>([
    [null, "stub config"],
    [[], "stub config"],
    ["words", "stub config"],
    [{ contents: "words" }, "contents"],
    [{ content: "poem" }, "content"],
    [{ content: { script: [] } }, "content.script"],
    [{ content: { script: ["a"], loop: true } }, "content.loop"],
    [{ content: { script: [1] } }, "content.script.0"],
    [{ outputTokens: 0 }, "outputTokens"],
    [{ outputTokens: 1.5 }, "outputTokens"],
    [{ timing: { ttft: 5 } }, "timing.ttft"],
    [{ timing: { ttftMs: -1 } }, "timing.ttftMs"],
    [{ timing: { ttftMs: 3_600_001 } }, "timing.ttftMs"],
    [{ timing: { gapMs: "5" } }, "timing.gapMs"],
    [{ timing: { gapMs: [] } }, "timing.gapMs"],
    [{ timing: { gapMs: [1, -1] } }, "timing.gapMs.1"],
    [{ startupDelayMs: Infinity }, "startupDelayMs"],
    [{ faults: {} }, "faults"],
    [{ faults: [{ id: "explode", afterTokens: 0 }] }, "faults.0.id"],
    [{ faults: [{ id: "hang" }] }, "faults.0.afterTokens"],
    [{ faults: [{ id: "hang", afterTokens: -1 }] }, "faults.0.afterTokens"],
    [{ faults: [{ id: "hang", afterTokens: 0, times: 2 }] }, "faults.0.times"],
  ])("%j", (value, key) => {
    expect(messageOf(value)).toMatch(new RegExp(`^\`${key}\`: .+`));
  });

  test("and the value", () => {
    expect(messageOf({ content: "poem" })).toContain('"poem"');
    expect(messageOf({ startupDelayMs: -5 })).toContain("-5");
  });
});
