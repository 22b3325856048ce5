import { describe, expect, test } from "vitest";
import { EVENT_TYPES, InvalidEventError, parseInferenceEvent, STOP_REASONS } from "../src/index.js";

const STARTED = { type: "started", job_id: "j", model: "m", started_at: "2025-01-01T00:00:00.000Z", seed: 42 };
const TOKEN = { type: "token", t: "Hi", i: 0 };
const REASONING = { type: "token", t: "Hmm", i: 0, channel: "reasoning" };
const TOOL_CALL = { type: "tool_call", index: 0, id: "call-1", name: "weather", arguments: '{"city":' };
const METRICS = { type: "metrics", tokens_per_sec: 10.5, vram_bytes: 1024 };
const END = { type: "end", tokens_out: 3, decode_time_ms: 1.5, stop_reason: "max_tokens" };
const ERROR = { type: "error", code: "CANCELLED", message: "gone", retriable: false };
const EVENTS: Record<string, unknown>[] = [STARTED, TOKEN, REASONING, TOOL_CALL, METRICS, END, ERROR];

const without = (event: Record<string, unknown>, field: string) =>
  Object.fromEntries(Object.entries(event).filter(([name]) => name !== field));

function messageOf(value: unknown): string {
  try {
    parseInferenceEvent(value);
  } catch (error) {
    if (error instanceof InvalidEventError) return error.message;
    throw error;
  }
  return "valid";
}

describe("well-formed events", () => {
  test.each(EVENTS)("$type", (event) => {
    expect(parseInferenceEvent(event)).toEqual(event);
  });

  test.each(EVENTS)("$type drops unknown fields", (event) => {
    expect(parseInferenceEvent({ ...event, extra: 1 })).toEqual(event);
  });

  test("the types are listed in the order in which they may first appear", () => {
    expect(EVENT_TYPES).toEqual(["started", "token", "tool_call", "metrics", "end", "error"]);
  });

  test.each([0, 42, 2 ** 53 - 1, 0n, 18_446_744_073_709_551_615n])("seed %s", (seed) => {
    expect(parseInferenceEvent({ ...STARTED, seed })).toEqual({ ...STARTED, seed });
  });

  test.each(STOP_REASONS)("stop_reason %s", (stop_reason) => {
    expect(parseInferenceEvent({ ...END, stop_reason })).toEqual({ ...END, stop_reason });
  });

  test("optional fields may be missing", () => {
    expect(parseInferenceEvent({ type: "metrics" })).toEqual({ type: "metrics" });
    expect(parseInferenceEvent(without(ERROR, "retriable"))).toEqual(ERROR);
    expect(parseInferenceEvent({ ...END, stop_sequence_matched: null })).toEqual({
      ...END,
      stop_sequence_matched: null,
    });
    expect(parseInferenceEvent({ ...END, stop_sequence_matched: "}" })).toEqual({ ...END, stop_sequence_matched: "}" });
  });
});

describe("a missing field", () => {
  test.each([
    ["started", STARTED, ["job_id", "model", "started_at", "seed"]],
    ["token", TOKEN, ["t", "i"]],
    ["tool_call", TOOL_CALL, ["index"]],
    ["end", END, ["tokens_out", "decode_time_ms", "stop_reason"]],
    ["error", ERROR, ["code", "message"]],
  ])("of %s is named", (type, event, fields) => {
    for (const field of fields) {
      expect(messageOf(without(event, field))).toBe(`In \`${type}\`: field \`${field}\` is missing`);
    }
  });
});

describe("a field of the wrong type or with an invalid value", () => {
  test.each<[Record<string, unknown>, string]>([
    [{ ...STARTED, job_id: 1 }, "In `started`: field `job_id` must be string, got `1`"],
    [{ ...STARTED, model: null }, "In `started`: field `model` must be string, got `null`"],
    [{ ...STARTED, seed: "42" }, 'In `started`: field `seed` must be an integer from 0 to 2^64-1, exact, got `"42"`'],
    [{ ...STARTED, seed: -1 }, "In `started`: field `seed` must be an integer from 0 to 2^64-1, exact, got `-1`"],
    [{ ...STARTED, seed: 1.5 }, "In `started`: field `seed` must be an integer from 0 to 2^64-1, exact, got `1.5`"],
    [
      { ...STARTED, seed: 2n ** 64n },
      "In `started`: field `seed` must be an integer from 0 to 2^64-1, exact, got `18446744073709551616`",
    ],
    [{ ...STARTED, started_at: "yesterday" }, "field `started_at` must be an ISO 8601 date and time, got"],
    [{ ...TOKEN, t: 1 }, "In `token`: field `t` must be non-empty text of whole characters, got `1`"],
    [{ ...TOKEN, t: "" }, 'In `token`: field `t` must be non-empty text of whole characters, got `""`'],
    [{ ...TOKEN, t: "\ud83c" }, "In `token`: field `t` must be non-empty text of whole characters, got"],
    [{ ...TOKEN, i: -1 }, "In `token`: field `i` must be >=0, got `-1`"],
    [{ ...TOKEN, i: "0" }, 'In `token`: field `i` must be number, got `"0"`'],
    [{ ...METRICS, tokens_per_sec: "1" }, 'In `metrics`: field `tokens_per_sec` must be number, got `"1"`'],
    [{ ...METRICS, vram_bytes: -1 }, "In `metrics`: field `vram_bytes` must be >=0, got `-1`"],
    [{ ...END, tokens_out: -1 }, "In `end`: field `tokens_out` must be >=0, got `-1`"],
    [{ ...END, decode_time_ms: -0.5 }, "In `end`: field `decode_time_ms` must be >=0, got `-0.5`"],
    [{ ...END, stop_sequence_matched: 1 }, "In `end`: field `stop_sequence_matched` must be"],
    [{ ...END, stop_reason: "bored" }, 'In `end`: field `stop_reason` must be ("max_tokens" | "eos" |'],
    [{ ...ERROR, code: 500 }, "In `error`: field `code` must be string, got `500`"],
    [{ ...ERROR, retriable: "no" }, 'In `error`: field `retriable` must be boolean, got `"no"`'],
  ])("%o", (event, message) => {
    expect(messageOf(event)).toContain(message);
  });

  test.each(["i", "tokens_out"])("a fraction is not a count (%s)", (field) => {
    const event = field === "i" ? TOKEN : END;
    expect(messageOf({ ...event, [field]: 0.5 })).toMatch(`field \`${field}\` must be`);
  });

  test("a time that is not ISO 8601", () => {
    expect(messageOf({ ...STARTED, started_at: "yesterday" })).toMatch(
      /field `started_at` must be .*, got `"yesterday"`/,
    );
  });
});

test.each([
  "2026-01-31T12:00:00Z",
  "2026-01-31T12:00:00.123456",
  "2026-01-31T12:00+01:00",
  "2026-01-31T12:00:00,5-0330",
])("%s is an ISO 8601 date and time", (started_at) => {
  expect(parseInferenceEvent({ ...STARTED, started_at })).toMatchObject({ started_at });
});

describe("values that are not events", () => {
  test.each<[unknown, string]>([
    [null, "Expected a JSON object, got `null`"],
    [undefined, "Expected a JSON object, got nothing"],
    ["token", 'Expected a JSON object, got `"token"`'],
    [[], "Expected a JSON object, got `[]`"],
    [18446744073709551615n, "Expected a JSON object, got `18446744073709551615`"],
    [{}, "Expected `type` to be one of started, token, tool_call, metrics, end, error, got nothing"],
    [{ type: "done" }, 'Expected `type` to be one of started, token, tool_call, metrics, end, error, got `"done"`'],
    [
      { type: "toString" },
      'Expected `type` to be one of started, token, tool_call, metrics, end, error, got `"toString"`',
    ],
    [{ type: 1 }, "Expected `type` to be one of started, token, tool_call, metrics, end, error, got `1`"],
  ])("%o", (value, message) => {
    expect(messageOf(value)).toBe(message);
  });

  test("a long value is truncated in the message", () => {
    expect(messageOf("x".repeat(10_000)).length).toBeLessThan(150);
  });

  test("there is a message for any value", () => {
    let tree: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) tree = [tree];
    expect(messageOf({ ...TOKEN, t: { seed: 18446744073709551615n } })).toMatch("18446744073709551615");
    expect(messageOf({ ...TOKEN, t: tree })).toBe(
      "In `token`: field `t` must be non-empty text of whole characters, got `object`",
    );
    expect(messageOf(() => 1)).toBe("Expected a JSON object, got `function`");
  });
});
