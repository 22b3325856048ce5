import type { EndEvent, StopReason } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import {
  assertStopReason,
  assertSuccessfulCompletion,
  assertTokenCount,
  collectStream,
  extractEndEvent,
  extractText,
  extractTokens,
  findCompletionProblem,
  findEndEvent,
  findStopMismatch,
  findTokenCountMismatch,
  type ExpectedTokenCount,
} from "../../src/events/index.js";
import { encode, end, errorOf, failure, from, good, messageOf, metrics, started, token } from "./support.js";

const truncated = () => collectStream(from(encode([started, token(0)])));
const ended = (over: Partial<EndEvent>) => [started, token(0), token(1), end(over)];

describe("assertSuccessfulCompletion", () => {
  test.each<StopReason>(["max_tokens", "eos", "stop_sequence"])("passes for %s", (stop_reason) => {
    expect(findCompletionProblem(ended({ stop_reason }))).toBeUndefined();
    expect(() => assertSuccessfulCompletion(ended({ stop_reason }))).not.toThrow();
  });

  test("passes when there are fewer token events than tokens", () => {
    expect(findCompletionProblem(ended({ tokens_out: 7 }))).toBeUndefined();
  });

  test("passes for a collected stream", async () => {
    const collected = await collectStream(from(encode(good)));
    expect(() => assertSuccessfulCompletion(collected)).not.toThrow();
  });

  test.each<StopReason>(["cancelled", "error"])("fails for the stop reason %s", async (stop_reason) => {
    const error = await errorOf(() => assertSuccessfulCompletion(ended({ stop_reason })));
    expect(error).toMatchObject({ name: "AssertionFailedError", code: "COMPLETION_FAILED", details: { stop_reason } });
  });

  test("fails for an error event", async () => {
    expect(await messageOf(() => assertSuccessfulCompletion([started, failure]))).toMatchInlineSnapshot(`
      "[COMPLETION_FAILED] Expected the job to complete: the worker sent error code=VRAM_OOM message="out of memory"
      hint: The message says how the stream ended.
        error: VRAM_OOM
        retriable: true"
    `);
    expect(await errorOf(() => assertSuccessfulCompletion([failure]))).toMatchObject({ code: "COMPLETION_FAILED" });
  });

  test("fails when there are more token events than tokens", async () => {
    expect(await messageOf(() => assertSuccessfulCompletion(ended({ tokens_out: 1 })))).toMatchInlineSnapshot(`
      "[COMPLETION_FAILED] Expected the job to complete: 2 token events arrived, but \`tokens_out\` is 1
      hint: The message says how the stream ended.
        tokenEventCount: 2
        tokens_out: 1"
    `);
  });

  test.each([
    ["empty", []],
    ["without an end", [started, token(0)]],
    ["with an index that jumps", [started, token(1), end()]],
    ["with data after the end", [...good, metrics]],
  ])("fails for a list %s with the code of the order rule", async (_name, events) => {
    expect(await errorOf(() => assertSuccessfulCompletion(events))).toMatchObject({ code: "ORDER_VIOLATED" });
  });

  test("fails for a truncated stream, with its outcome", async () => {
    const collected = await truncated();
    expect(await messageOf(() => assertSuccessfulCompletion(collected))).toMatchInlineSnapshot(`
      "[COMPLETION_FAILED] Expected the job to complete: the stream failed: it was closed without a terminal event
      hint: The message says how the stream ended.
        status: truncated"
    `);
  });
});

describe("assertTokenCount", () => {
  test.each<[ExpectedTokenCount]>([[2], [{ min: 2 }], [{ max: 2 }], [{ min: 1, max: 3 }]])(
    "%j passes for 2",
    (expected) => {
      expect(findTokenCountMismatch(good, expected)).toBeUndefined();
      expect(() => assertTokenCount(good, expected)).not.toThrow();
    },
  );

  test.each<[ExpectedTokenCount, string]>([
    [1, "exactly 1"],
    [3, "exactly 3"],
    [0, "exactly 0"],
    [{ min: 3 }, "at least 3"],
    [{ max: 1 }, "at most 1"],
    [{ min: 3, max: 5 }, "3 to 5"],
  ])("%j fails for 2", async (expected, told) => {
    const error = await errorOf(() => assertTokenCount(good, expected));
    expect(error).toMatchObject({ code: "TOKEN_COUNT_MISMATCH", details: { tokenEventCount: 2, tokensOut: 2 } });
    expect(error.message).toContain(`Expected ${told} token events, got 2 (\`tokens_out\` is 2)`);
  });

  test("an empty list has no tokens", async () => {
    expect(() => assertTokenCount([], 0)).not.toThrow();
    expect(await messageOf(() => assertTokenCount([], 1))).toContain("got 0 (no end event)");
  });

  test("the outcome of a failed stream is in the message", async () => {
    const collected = await truncated();
    expect(await messageOf(() => assertTokenCount(collected, 5))).toMatchInlineSnapshot(`
      "[TOKEN_COUNT_MISMATCH] Expected exactly 5 token events, got 1 (no end event)
      the stream failed: it was closed without a terminal event
      hint: Compare with \`tokens_out\` and the stop reason of the end event.
        tokenEventCount: 1
        min: 5
        max: 5"
    `);
    expect(() => assertTokenCount(collected, 1)).not.toThrow();
  });

  test.each<[unknown, string]>([
    [-1, "Expected `expected` to be a count, or { min?, max? }, got `-1`"],
    [1.5, "to be a count"],
    ["2", "to be a count"],
    [undefined, "to be a count"],
    [{}, "Expected `expected` to be a range with `min` or `max`, got `{}`"],
    [{ min: -1 }, "Expected `expected.min` to be a whole number of at least 0, got `-1`"],
    [{ max: NaN }, "Expected `expected.max` to be a whole number of at least 0, got `NaN`"],
    [{ min: 3, max: 2 }, "a range whose `min` is at most `max`, got `{ min: 3, max: 2 }`"],
  ])("%j is rejected", async (expected, message) => {
    const told = await messageOf(() => assertTokenCount(good, expected as ExpectedTokenCount));
    expect(told).toContain("[INVALID_OPTION]");
    expect(told).toContain(message);
  });
});

describe("extraction", () => {
  test("extractTokens and extractText return the token events in order", async () => {
    const events = [started, token(0, "Hel"), metrics, token(1, "lo"), end()];
    expect(extractTokens(events)).toEqual(["Hel", "lo"]);
    expect(extractText(events)).toBe("Hello");
    expect(extractText(await truncated())).toBe("t0");
  });

  test("without tokens, the result is empty", () => {
    expect(extractTokens([])).toEqual([]);
    expect(extractText([failure])).toBe("");
  });

  test("extractEndEvent returns the end event", async () => {
    expect(extractEndEvent(good)).toEqual(end());
    expect(extractEndEvent(await collectStream(from(encode(good))))).toEqual(end());
    expect(findEndEvent([failure])).toBeUndefined();
  });

  test("extractEndEvent fails without one and names the event that is there instead", async () => {
    expect(await messageOf(() => extractEndEvent([started, failure]))).toMatchInlineSnapshot(`
      "[NO_END_EVENT] Expected an \`end\` event, got error code=VRAM_OOM message="out of memory"
      hint: Assert completion first, or look at the error event.
        eventCount: 2"
    `);
    expect(await messageOf(() => extractEndEvent([]))).toContain("got no event at all");
    const collected = await truncated();
    expect(await messageOf(() => extractEndEvent(collected))).toMatchInlineSnapshot(`
      "[NO_END_EVENT] Expected an \`end\` event, got none; the last event is token i=0 t="t0"
      the stream failed: it was closed without a terminal event
      hint: Assert completion first, or look at the error event.
        eventCount: 2"
    `);
  });
});

describe("assertStopReason", () => {
  const stopped = ended({ stop_reason: "stop_sequence", stop_sequence_matched: "\n\n" });

  test("passes for the reason, and for the reason with its sequence", () => {
    expect(findStopMismatch(good, "max_tokens")).toBeUndefined();
    expect(() => assertStopReason(stopped, "stop_sequence")).not.toThrow();
    expect(() => assertStopReason(stopped, "stop_sequence", { sequence: "\n\n" })).not.toThrow();
  });

  test("fails for another reason", async () => {
    expect(await messageOf(() => assertStopReason(stopped, "eos"))).toMatchInlineSnapshot(`
      "[STOP_MISMATCH] Expected the job to stop for eos, got stop_sequence at "\\n\\n"
      hint: Compare the stop reason and the matched stop sequence.
        expected: eos
        actual: stop_sequence
        actualSequence: "\\n\\n""
    `);
  });

  test("fails for another sequence, and for a sequence that was not reported", async () => {
    expect(await messageOf(() => assertStopReason(stopped, "stop_sequence", { sequence: "}" }))).toContain(
      'Expected the job to stop for stop_sequence at "}", got stop_sequence at "\\n\\n"',
    );
    const silent = ended({ stop_reason: "stop_sequence", stop_sequence_matched: null });
    expect(await errorOf(() => assertStopReason(silent, "stop_sequence", { sequence: "}" }))).toMatchObject({
      code: "STOP_MISMATCH",
    });
  });

  test("fails without an end event", async () => {
    expect(await messageOf(() => assertStopReason([started, failure], "eos"))).toContain(
      "[STOP_MISMATCH] Expected an `end` event, got error code=VRAM_OOM",
    );
  });

  test("rejects a reason that is not in the protocol", async () => {
    expect(await messageOf(() => assertStopReason(good, "length" as StopReason))).toContain(
      '[INVALID_OPTION] Expected `reason` to be "max_tokens", "eos", "stop_sequence", "stop", "tool_calls", "content_filter", "cancelled" or "error", got `"length"`',
    );
  });
});
