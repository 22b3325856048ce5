import type { InferenceEvent, StopReason } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import { findCompletionProblem } from "../../src/events/completion.js";
import { describeMissingEnd, extractTokens, findEndEvent } from "../../src/events/extract.js";
import { collectStream, type CollectedStream } from "../../src/events/index.js";
import { findOrderViolation } from "../../src/events/order.js";
import { describeFaultLine, findFault, toEvents } from "../../src/events/problem.js";
import { findStopMismatch } from "../../src/events/stop-reason.js";
import { findTokenCountMismatch } from "../../src/events/token-count.js";
import { encode, end, failure, from, good, messageOf, metrics, started, token } from "./support.js";

const truncated = (): Promise<CollectedStream> => collectStream(from(encode([started, token(0)])));

describe("a violation of the order", () => {
  test.each<[InferenceEvent[], string, string]>([
    [[], "a `started` event", "no event at all"],
    [[metrics, end()], "`started` or a lone `error`", "metrics"],
    [
      [started, started],
      "token, tool_call, metrics, end or error (`started` occurs once)",
      'started job_id="job-1" model="mock" seed=42',
    ],
    [[started, token(0), token(5)], "a token with i=1", 'token i=5 t="t5"'],
    [[started, end(), metrics], "nothing after the terminal event `end`", "metrics"],
    [[failure, failure], "nothing after the terminal event `error`", 'error code=VRAM_OOM message="out of memory"'],
    [[started], "a terminal event (end or error)", "the end of the events after 1 event"],
    [[started, token(0)], "a terminal event (end or error)", "the end of the events after 2 events"],
  ])("of %j expects %s and names %s", (events, expected, actual) => {
    const violation = findOrderViolation(events);

    expect(violation).toMatchObject({ expected, actual, details: { expected, actual } });
    expect(violation!.message).toContain(
      `At event ${violation!.index} of ${events.length}: expected ${expected}, got ${actual}`,
    );
    expect(violation!.message.includes("\nevents around it:\n  ")).toBe(events.length > 0);
  });

  test("in a stream that failed names the failure, once", async () => {
    const message = findOrderViolation(await truncated())!.message;

    expect(message.match(/it was closed without a terminal event/g)).toHaveLength(1);
  });

  test("is also reported for a stream that failed after valid events", async () => {
    const stream: CollectedStream = {
      ...(await collectStream(from(encode(good)))),
      outcome: { status: "limit-exceeded", limit: "eventBytes", value: 7, terminal: end() },
    };
    const violation = findOrderViolation(stream);

    expect(violation).toMatchObject({
      rule: "outcome",
      index: 4,
      expected: "the stream to end",
      actual: "a failure: one event is larger than 7 bytes (`eventBytes`)",
    });
    expect(violation!.message).not.toContain("the stream failed");
  });
});

describe("a job that did not complete", () => {
  test("has the code of its error and whether it can be retried", () => {
    expect(findCompletionProblem([started, failure])).toEqual({
      code: "COMPLETION_FAILED",
      message: 'Expected the job to complete: the worker sent error code=VRAM_OOM message="out of memory"',
      details: { error: "VRAM_OOM", retriable: true },
    });
  });

  test.each(["cancelled", "error"] as const)("stopped for %s", (stop_reason) => {
    expect(findCompletionProblem([started, end({ stop_reason })])).toEqual({
      code: "COMPLETION_FAILED",
      message: `Expected the job to complete: its stop reason is ${stop_reason}`,
      details: { stop_reason },
    });
  });

  test("has more token events than tokens", () => {
    expect(findCompletionProblem([started, token(0), token(1), end({ tokens_out: 1 })])).toEqual({
      code: "COMPLETION_FAILED",
      message: "Expected the job to complete: 2 token events arrived, but `tokens_out` is 1",
      details: { tokenEventCount: 2, tokens_out: 1 },
    });
    expect(findCompletionProblem([started, token(0), token(1), end({ tokens_out: 2 })])).toBeUndefined();
  });

  test("has a stream that failed", async () => {
    expect(findCompletionProblem(await truncated())).toEqual({
      code: "COMPLETION_FAILED",
      message: "Expected the job to complete: the stream failed: it was closed without a terminal event",
      details: { status: "truncated" },
    });
  });

  test("has its events in the wrong order", () => {
    expect(findCompletionProblem([started])).toMatchObject({ code: "ORDER_VIOLATED", rule: "no-terminal" });
  });
});

describe("a stop for another reason", () => {
  const at = (stop_sequence_matched: string | null) => [
    started,
    end({ stop_reason: "stop_sequence", stop_sequence_matched }),
  ];

  test("has both reasons and both sequences, quoted", () => {
    expect(findStopMismatch(at("\n"), "eos", { sequence: "}" })).toEqual({
      code: "STOP_MISMATCH",
      message: 'Expected the job to stop for eos at "}", got stop_sequence at "\\n"',
      details: { expected: "eos", expectedSequence: '"}"', actual: "stop_sequence", actualSequence: '"\\n"' },
    });
  });

  test("has no sequence where none was expected or reported", () => {
    expect(findStopMismatch(at(null), "eos")).toEqual({
      code: "STOP_MISMATCH",
      message: "Expected the job to stop for eos, got stop_sequence",
      details: { expected: "eos", expectedSequence: undefined, actual: "stop_sequence", actualSequence: undefined },
    });
  });

  test("is one with the right sequence, and with the right reason and another sequence", () => {
    expect(findStopMismatch(at("}"), "eos", { sequence: "}" })).toBeDefined();
    expect(findStopMismatch(at("}"), "stop_sequence", { sequence: "]" })).toBeDefined();
    expect(findStopMismatch(at("}"), "stop_sequence", { sequence: "}" })).toBeUndefined();
    expect(findStopMismatch(at("}"), "stop_sequence")).toBeUndefined();
  });

  test("rejects an invalid expectation by name", async () => {
    const read = (reason: unknown, expectation: object) =>
      messageOf(() => findStopMismatch(good, reason as StopReason, expectation));

    expect(await read("over", {})).toContain("Expected `reason` to be ");
    expect(await read("eos", { sequence: 7 })).toContain("`expectation.sequence`");
    expect(await read("eos", { sequenc: "" })).toContain("`expectation`");
  });
});

describe("the bounds of a token count", () => {
  test("are inclusive", () => {
    expect(findTokenCountMismatch(good, { min: 2, max: 2 })).toBeUndefined();
    expect(findTokenCountMismatch(good, { min: 3 })).toMatchObject({ details: { min: 3, max: undefined } });
    expect(findTokenCountMismatch(good, { max: 1 })).toMatchObject({ details: { min: 0, max: 1 } });
    expect(findTokenCountMismatch(good, { min: 1, max: 1 })?.message).toContain("Expected exactly 1 token events");
  });
});

describe("events and collected streams", () => {
  test("are both accepted", async () => {
    const stream = await truncated();

    expect(toEvents(good)).toBe(good);
    expect(toEvents(stream)).toBe(stream.events);
    expect(extractTokens(stream)).toEqual(["t0"]);
    expect(findEndEvent(stream)).toBeUndefined();
    expect(findEndEvent([started, end(), end({ tokens_out: 9 })])).toEqual(end());
  });

  test.each<[unknown, string]>([
    [undefined, "undefined"],
    [null, "object"],
    [{ events: [] }, "object"],
    [{ outcome: {} }, "object"],
    [Promise.resolve([]), "a Promise (is an `await` missing?)"],
  ])("%o is neither", async (input, got) => {
    expect(await messageOf(() => toEvents(input as never))).toContain(
      `Expected \`events\` to be an array of events or a collected stream, got \`${got}\``,
    );
  });

  test("only a stream has a fault, and only one that did not end properly", async () => {
    expect(findFault(good)).toBeUndefined();
    expect(findFault(await collectStream(from(encode(good))))).toBeUndefined();
    expect(findFault(await collectStream(from(encode([failure]))))).toBeUndefined();
    expect(findFault(await truncated())).toEqual({ status: "truncated", endedBy: "close" });
    expect(describeFaultLine(good)).toEqual([]);
    expect(describeFaultLine(await truncated())).toEqual(["the stream failed: it was closed without a terminal event"]);
  });

  test("a missing end names the error, or the last event, or that there is none", () => {
    expect(describeMissingEnd([started, failure, metrics])).toEqual({
      message: 'Expected an `end` event, got error code=VRAM_OOM message="out of memory"',
      details: { eventCount: 3 },
    });
    expect(describeMissingEnd([started, metrics]).message).toBe(
      "Expected an `end` event, got none; the last event is metrics",
    );
    expect(describeMissingEnd([]).message).toBe("Expected an `end` event, got no event at all");
  });
});
