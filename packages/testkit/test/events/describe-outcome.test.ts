import { describe, expect, test } from "vitest";
import { countOf, describeContext, describeEvent } from "../../src/events/describe-event.js";
import { describeOutcome, describeProgress, findFaultCode } from "../../src/events/describe-outcome.js";
import { findAbort, toTransportFault } from "../../src/events/fault.js";
import { collectStream } from "../../src/events/index.js";
import { resolveOutcome, type StreamFault } from "../../src/events/outcome.js";
import type { StreamLimitName } from "../../src/events/timeouts.js";
import { encode, end, failure, from, metrics, started, token } from "./support.js";

describe("a limit is described by its code, value and name", () => {
  test.each<[StreamLimitName, string, string]>([
    ["connectMs", "LIMIT_CONNECT", "the connection was not established within 7 ms"],
    ["headersMs", "LIMIT_HEADERS", "the headers did not arrive within 7 ms"],
    ["firstTokenMs", "LIMIT_FIRST_TOKEN", "no token arrived within 7 ms of the request"],
    ["tokenIdleMs", "LIMIT_TOKEN_IDLE", "no further token arrived for 7 ms"],
    ["transportIdleMs", "LIMIT_TRANSPORT_IDLE", "no byte arrived for 7 ms"],
    ["totalMs", "LIMIT_TOTAL_TIME", "it had not ended 7 ms after the request"],
    ["eventBytes", "LIMIT_EVENT_SIZE", "one event is larger than 7 bytes"],
    ["decodedBytes", "LIMIT_DECODED_SIZE", "the body is larger than 7 bytes"],
    ["eventCount", "LIMIT_EVENT_COUNT", "there are more than 7 events"],
    ["eventIdBytes", "LIMIT_EVENT_ID_SIZE", "an `id` is longer than 7 bytes"],
    ["eventNameBytes", "LIMIT_EVENT_NAME_SIZE", "an `event` name is longer than 7 bytes"],
  ])("%s", (limit, code, text) => {
    const fault = { status: "limit-exceeded", limit, value: 7 } as const;

    expect(findFaultCode(fault)).toBe(code);
    expect(describeOutcome(fault)).toBe(`${text} (\`${limit}\`)`);
  });
});

describe("describeOutcome() covers every other outcome", () => {
  test.each<[StreamFault, string, string]>([
    [{ status: "truncated", endedBy: "close" }, "STREAM_TRUNCATED", "it was closed without a terminal event"],
    [
      { status: "truncated", endedBy: "done-marker" },
      "STREAM_TRUNCATED",
      "it was ended by [DONE] without a terminal event",
    ],
    [
      { status: "truncated", endedBy: "close", reason: "a `finish_reason`" },
      "STREAM_TRUNCATED",
      "it was closed without a `finish_reason`",
    ],
    [
      { status: "transport-error", code: "ECONNRESET", byteOffset: 3, message: "reset\u001b", cause: undefined },
      "STREAM_TRANSPORT",
      "the connection broke at byte 3 (ECONNRESET: reset\\x1b)",
    ],
    [{ status: "aborted", reason: "enough" }, "STREAM_ABORTED", "it was aborted (enough)"],
    [
      { status: "invalid-event", index: 2, reason: "not JSON", data: "{" },
      "INVALID_EVENT",
      "event 2 is invalid: not JSON",
    ],
  ])("%o", (fault, code, text) => {
    expect(findFaultCode(fault)).toBe(code);
    expect(describeOutcome(fault)).toBe(text);
  });

  test("an end, and an error event", () => {
    expect(describeOutcome({ status: "complete", terminal: end() })).toBe("it is complete");
    expect(describeOutcome({ status: "worker-error", terminal: failure })).toBe(
      "the worker ended it with VRAM_OOM: out of memory",
    );
  });
});

test("the progress counts events, tokens and bytes", async () => {
  const text = encode([started, token(0)]);

  expect(describeProgress(await collectStream(from(text)))).toBe(`2 events (1 token, ${text.length} bytes)`);
  expect([countOf(0, "byte"), countOf(1, "byte")]).toEqual(["0 bytes", "1 byte"]);
});

describe("an event in one line", () => {
  test.each([
    [started, 'started job_id="job-1" model="mock" seed=42'],
    [token(3, "a\n"), 'token i=3 t="a\\n"'],
    [{ ...token(3, "a"), channel: "reasoning" }, 'token i=3 t="a" channel=reasoning'],
    [{ type: "tool_call", index: 1, name: "f", arguments: "{}" }, 'tool_call index=1 name="f" arguments="{}"'],
    [{ type: "tool_call", index: 1 }, 'tool_call index=1 name="" arguments=""'],
    [metrics, "metrics"],
    [end(), "end stop_reason=max_tokens tokens_out=2"],
    [failure, 'error code=VRAM_OOM message="out of memory"'],
  ])("%o", (event, line) => {
    expect(describeEvent(event as Parameters<typeof describeEvent>[0])).toBe(line);
  });

  test("quotes at most 60 characters of a text", () => {
    expect(describeEvent(token(0, "x".repeat(60)))).toBe(`token i=0 t="${"x".repeat(60)}"`);
    expect(describeEvent(token(0, "x".repeat(61)))).toBe(`token i=0 t="${"x".repeat(60)}…"`);
  });
});

describe("describeContext()", () => {
  const tokens = Array.from({ length: 10 }, (_, index) => token(index));
  const numbers = (index: number, events = tokens) =>
    describeContext(events, index).map((line) => line.replace(/ token.*/, ""));

  test("shows three events before and two after the index, marked with an arrow", () => {
    expect(numbers(5)).toEqual(["  [2]", "  [3]", "  [4]", "→ [5]", "  [6]", "  [7]"]);
    expect(describeContext(tokens, 5)[3]).toBe('→ [5] token i=5 t="t5"');
  });

  test("shows fewer at the ends, and no arrow if the index is past the last event", () => {
    expect(numbers(0)).toEqual(["→ [0]", "  [1]", "  [2]"]);
    expect(numbers(9)).toEqual(["  [6]", "  [7]", "  [8]", "→ [9]"]);
    expect(numbers(10)).toEqual(["  [6]", "  [7]", "  [8]", "  [9]"]);
    expect(numbers(0, [])).toEqual([]);
  });
});

describe("an error of the source", () => {
  const coded = (message: string, code: unknown, cause?: unknown) =>
    Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code });

  test("is identified by its code, else by its class, else as unknown", () => {
    expect(toTransportFault(coded("reset", "ECONNRESET"), 3)).toMatchObject({
      status: "transport-error",
      code: "ECONNRESET",
      byteOffset: 3,
      message: "reset",
    });
    expect(toTransportFault(new TypeError("bad"), 0)).toMatchObject({ code: "TypeError", message: "bad" });
    expect(toTransportFault(coded("bad", 7), 0)).toMatchObject({ code: "Error" });
    expect(toTransportFault("gone", 0)).toMatchObject({ code: "UNKNOWN", message: "gone", cause: "gone" });
    expect(toTransportFault(null, 0)).toMatchObject({ code: "UNKNOWN", message: "null" });
    expect(toTransportFault({ code: "E1" }, 0)).toMatchObject({ code: "E1" });
  });

  test("is described by the innermost error; the original is kept as the cause", () => {
    const error = coded("terminated", undefined, coded("other side closed", "UND_ERR_SOCKET", "text"));

    expect(toTransportFault(error, 0)).toMatchObject({
      code: "UND_ERR_SOCKET",
      message: "other side closed",
      cause: error,
    });
  });

  test.each([
    [Object.assign(new Error("stop"), { name: "AbortError" }), true],
    [coded("stop", "ABORT_ERR"), true],
    [coded("stop", "UND_ERR_ABORTED"), true],
    [coded("stop", "ECONNRESET"), false],
    [{ name: "AbortError", code: "ABORT_ERR" }, false],
  ])("%o is an abort: %s", (error, isAbort) => {
    expect(toTransportFault(error, 0).status).toBe(isAbort ? "aborted" : "transport-error");
  });

  test("an abort has the message of its reason, or the reason itself", () => {
    expect(findAbort(new Error("enough"))).toEqual({ status: "aborted", reason: "enough" });
    expect(findAbort("enough")).toEqual({ status: "aborted", reason: "enough" });
    expect(findAbort(undefined)).toEqual({ status: "aborted", reason: "undefined" });
  });
});

describe("resolveOutcome()", () => {
  const truncated = { status: "truncated", endedBy: "close" } as const;
  const aborted = { status: "aborted", reason: "enough" } as const;
  const limit = { status: "limit-exceeded", limit: "eventBytes", value: 7 } as const;

  test("without one, the fault is the outcome", () => {
    expect(resolveOutcome(undefined, truncated)).toBe(truncated);
  });

  test("after `error`, nothing else counts", () => {
    expect(resolveOutcome(failure, limit)).toEqual({ status: "worker-error", terminal: failure });
  });

  test("after `end`, a close or an abort does not count; any other fault is reported", () => {
    for (const fault of [truncated, aborted])
      expect(resolveOutcome(end(), fault)).toEqual({ status: "complete", terminal: end() });
    expect(resolveOutcome(end(), limit)).toEqual({ ...limit, terminal: end() });
  });
});
