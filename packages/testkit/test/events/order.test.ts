import fc from "fast-check";
import type { InferenceEvent } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import { assertEventOrder, collectStream, findOrderViolation, type EventsInput } from "../../src/events/index.js";
import { encode, end, errorOf, failure, from, good, messageOf, metrics, started, token } from "./support.js";

describe("valid orders", () => {
  test.each<[string, InferenceEvent[]]>([
    ["tokens and end", [...good]],
    ["no token at all", [started, end()]],
    ["metrics between and before tokens", [started, metrics, token(0), metrics, metrics, token(1), end()]],
    ["an error after tokens", [started, token(0), failure]],
    ["a lone error", [failure]],
  ])("%s", (_name, events) => {
    expect(findOrderViolation(events)).toBeUndefined();
    expect(() => assertEventOrder(events)).not.toThrow();
  });
});

describe("each rule can fail", () => {
  test.each<[string, InferenceEvent[], number, string]>([
    ["empty", [], 0, "no event"],
    ["first", [token(0), end()], 0, "a token first"],
    ["first", [metrics, started, end()], 0, "metrics first"],
    ["first", [end()], 0, "a lone end"],
    ["after-terminal", [failure, started, end()], 1, "an error first, but not alone"],
    ["started-once", [started, token(0), started, token(1), end()], 2, "a second started"],
    ["token-index", [started, token(1), end()], 1, "an index that does not start at 0"],
    ["token-index", [started, token(0), token(2), end()], 2, "an index that jumps"],
    ["token-index", [started, token(0), metrics, token(0), end()], 3, "an index that repeats"],
    ["after-terminal", [...good, token(2)], 4, "a token after end"],
    ["after-terminal", [...good, metrics], 4, "metrics after end"],
    ["after-terminal", [...good, end()], 4, "a second end"],
    ["after-terminal", [started, end(), failure], 2, "an error after end"],
    ["after-terminal", [started, failure, failure], 2, "a second error"],
    ["no-terminal", [started, token(0)], 2, "no terminal event"],
    ["no-terminal", [started], 1, "started alone"],
  ])("%s: %j at %i (%s)", async (rule, events, index) => {
    expect(findOrderViolation(events)).toMatchObject({ code: "ORDER_VIOLATED", rule, index });
    expect(await errorOf(() => assertEventOrder(events))).toMatchObject({
      name: "OrderError",
      code: "ORDER_VIOLATED",
      details: { rule, index },
    });
  });
});

describe("collected streams", () => {
  test("a complete one passes", async () => {
    expect(findOrderViolation(await collectStream(from(encode(good))))).toBeUndefined();
  });

  test("a truncated one fails, with its outcome in the message", async () => {
    const collected = await collectStream(from(encode([started, token(0)])));
    expect(await messageOf(() => assertEventOrder(collected))).toMatchInlineSnapshot(`
      "[ORDER_VIOLATED] At event 2 of 2: expected a terminal event (end or error), got the end of the events after 2 events
      events around it:
          [0] started job_id="job-1" model="mock" seed=42
          [1] token i=0 t="t0"
      the stream failed: it was closed without a terminal event
      hint: Expected \`started\`, then \`token\` (i = 0, 1, 2, …) or \`metrics\`, then exactly one \`end\` or \`error\`.
        rule: no-terminal
        index: 2
        expected: a terminal event (end or error)
        actual: the end of the events after 2 events"
    `);
  });

  test("one that breaks after valid events fails", async () => {
    const collected = await collectStream(from(encode(good), "data: junk\n\n"));
    expect(findOrderViolation(collected)).toMatchObject({ rule: "outcome", index: 4 });
  });
});

test("the message has the index, the expected and actual event, and the events around it", async () => {
  const events = [started, token(0), token(1), metrics, token(3, "x".repeat(100)), token(4), token(5), end()];
  expect(await messageOf(() => assertEventOrder(events))).toMatchInlineSnapshot(`
    "[ORDER_VIOLATED] At event 4 of 8: expected a token with i=2, got token i=3 t="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
    events around it:
        [1] token i=0 t="t0"
        [2] token i=1 t="t1"
        [3] metrics
      → [4] token i=3 t="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
        [5] token i=4 t="t4"
        [6] token i=5 t="t5"
    hint: Expected \`started\`, then \`token\` (i = 0, 1, 2, …) or \`metrics\`, then exactly one \`end\` or \`error\`.
      rule: token-index
      index: 4
      expected: a token with i=2
      actual: token i=3 t="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…""
  `);
});

test("the message for an empty list", async () => {
  expect(await messageOf(() => assertEventOrder([]))).toMatchInlineSnapshot(`
    "[ORDER_VIOLATED] At event 0 of 0: expected a \`started\` event, got no event at all
    hint: Expected \`started\`, then \`token\` (i = 0, 1, 2, …) or \`metrics\`, then exactly one \`end\` or \`error\`.
      rule: empty
      index: 0
      expected: a \`started\` event
      actual: no event at all"
  `);
});

test.each([undefined, null, "events", {}, Promise.resolve([])])("%o instead of events is rejected", async (input) => {
  expect(await messageOf(() => assertEventOrder(input as EventsInput))).toContain(
    "[INVALID_OPTION] Expected `events` to be an array of events or a collected stream, got",
  );
});

test("law: a valid order stays valid with metrics anywhere inside, and breaks when any other event is left out or doubled", () => {
  const middle = fc.array(fc.boolean(), { maxLength: 12 });
  fc.assert(
    fc.property(middle, fc.nat(), (pattern, pick) => {
      let index = 0;
      const events = [started, ...pattern.map((isToken) => (isToken ? token(index++) : metrics)), end()];
      expect(findOrderViolation(events)).toBeUndefined();
      const at = pick % events.length;
      const event = events[at] ?? started;
      const isLastToken = event.type === "token" && event.i === index - 1;
      if (event.type === "metrics") return;
      if (!isLastToken) expect(findOrderViolation(events.toSpliced(at, 1))).toBeDefined();
      expect(findOrderViolation(events.toSpliced(at, 0, event))).toBeDefined();
    }),
  );
});
