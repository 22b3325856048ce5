import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findDialect, orcd, type Dialect, type ExecuteBody, type InferenceEvent } from "../../src/dialects/index.js";
import { judgeStream } from "../../src/jobs/judge-stream.js";
import { makeTestRequest } from "../../src/requests/index.js";
import { end, started, token } from "../events/support.js";
import { facts, streamOf } from "./support.js";

const toolCall: InferenceEvent = { type: "tool_call", index: 0, name: "weather" };
const reasoning = (i: number, t: string): InferenceEvent => ({ type: "token", t, i, channel: "reasoning" });

/** Judges an answer to a request; `started` reports the seed 42. */
async function judge(request: ExecuteBody, events: readonly InferenceEvent[], dialect: Dialect | undefined = orcd) {
  return judgeStream(facts, await streamOf(events as never), { request, dialect });
}

/** An answer with these texts. */
function textsOf(...texts: readonly string[]): InferenceEvent[] {
  return [started, ...texts.map((text, index) => token(index, text)), end({ tokens_out: texts.length })];
}

describe("an answer that is not as requested", () => {
  test.each<[string, ExecuteBody, readonly InferenceEvent[], string[], string]>([
    [
      "more tokens than `max_tokens`",
      { max_tokens: 2 },
      textsOf("a", "b", "c"),
      ["max_tokens"],
      "`max_tokens` is 2, but `tokens_out` is 3",
    ],
    [
      "a count above `max_tokens` with few events, because tokens are joined",
      { max_tokens: 2 },
      [started, token(0), end({ tokens_out: 3 })],
      ["max_tokens"],
      "`max_tokens` is 2, but `tokens_out` is 3",
    ],
    [
      "text after a stop sequence that spans two tokens",
      { stop: ["x", "END"] },
      textsOf("one E", "ND two"),
      ["stop"],
      '`stop[1]` is "END", but the text contains it and continues for 4 characters',
    ],
    [
      "one character after a stop sequence",
      { stop: ["\n\n"] },
      textsOf("one\n", "\n!"),
      ["stop"],
      '`stop[0]` is "\\n\\n", but the text contains it and continues for 1 character',
    ],
    [
      "the stop sequence itself",
      { stop: "END" },
      textsOf("one ", "END"),
      ["stop"],
      '`stop` is "END", but the text ends with it, not before it',
    ],
    [
      "a stop sequence before the call of a tool",
      { stop: ["END"] },
      [started, token(0, "END"), toolCall, token(1, "more"), end()],
      ["stop"],
      '`stop[0]` is "END", but the text contains it and continues for 4 characters',
    ],
    ["another seed", { seed: 7 }, textsOf("a"), ["seed"], "`seed` is 7, but `started` reports 42"],
    [
      "all of them",
      { max_tokens: 1, stop: ["b"], seed: 0 },
      textsOf("a", "b"),
      ["max_tokens", "stop", "seed"],
      '`max_tokens` is 1, but `tokens_out` is 2; `stop[0]` is "b", but the text ends with it, not before it; ' +
        "`seed` is 0, but `started` reports 42",
    ],
  ])("%s", async (...[, request, events, fields, message]) => {
    expect(await judge(request, events)).toMatchObject({ status: "not-as-requested", fields, message, index: 0 });
  });

  test("seeds next to each other, too large for a double, differ", async () => {
    const events = (seed: bigint): InferenceEvent[] => [{ ...started, seed } as never, ...textsOf("a").slice(1)];
    const largest = 2n ** 64n - 1n;

    expect(await judge({ seed: largest }, events(largest))).toMatchObject({ status: "ok" });
    expect(await judge({ seed: largest - 1n }, events(largest))).toMatchObject({
      status: "not-as-requested",
      message: "`seed` is 18446744073709551614, but `started` reports 18446744073709551615",
    });
  });

  test("a stop sequence is shown without control characters", async () => {
    const outcome = await judge({ stop: ["\u009b2J"] }, textsOf("a\u009b2J"));

    expect("message" in outcome && outcome.message).toMatch(/^`stop\[0\]` is "[^\u009b]+2J"/);
  });

  test("any text that contains a stop sequence, wherever the tokens are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.stringMatching(/^[ab]{1,3}$/), { minLength: 1 }), async (texts) => {
        const outcome = await judge({ stop: ["aab"] }, textsOf(...texts));

        expect(outcome.status === "not-as-requested").toBe(texts.join("").includes("aab"));
      }),
    );
  });
});

describe("an answer that is ok", () => {
  test.each<[string, ExecuteBody, readonly InferenceEvent[]]>([
    ["exactly `max_tokens`", { max_tokens: 2 }, textsOf("a", "b")],
    ["no limit, where servers write it as -1", { max_tokens: -1 }, textsOf("a", "b")],
    ["no limit", { max_tokens: null }, textsOf("a", "b")],
    [
      "a limit that `extraBody` replaces",
      { max_tokens: 1, extraBody: { max_completion_tokens: 2 } },
      textsOf("a", "b"),
    ],
    ["a limit inside of `extraBody`", { max_tokens: 1, extraBody: { options: { num_predict: 2 } } }, textsOf("a", "b")],
    ["text that begins like a stop sequence", { stop: ["abc"] }, textsOf("a", "b")],
    ["an empty stop sequence, and one that is not text", { stop: ["", 5] }, textsOf("a5")],
    ["a stop sequence in the reasoning", { stop: ["END"] }, [started, reasoning(0, "END"), token(1, "yes"), end()]],
    ["two texts around a call", { stop: ["END"] }, [started, token(0, "E"), toolCall, token(1, "ND"), end()]],
    [
      "two texts around reasoning",
      { stop: ["ab"] },
      [started, token(0, "a"), reasoning(1, "x"), token(2, "b"), end({ tokens_out: 3 })],
    ],
    [
      "the stop sequence, if it was asked for",
      { stop: ["b"], extraBody: { include_stop_str_in_output: true } },
      textsOf("b"),
    ],
    ["the prompt in front of the text", { prompt: "b", stop: ["b"], extraBody: { echo: true } }, textsOf("b", "a")],
    ["no seed", { seed: null }, textsOf("a")],
    ["the seed as a bigint", { seed: 42n }, textsOf("a")],
    ["a seed that `extraBody` replaces", { seed: 7, extraBody: { seed: 42 } }, textsOf("a")],
  ])("%s", async (_, request, events) => {
    expect(await judge(request, events)).toMatchObject({ status: "ok" });
  });

  test("a server that reports neither the seed nor the number of tokens", async () => {
    const stream = await streamOf(textsOf("a", "b") as never);
    const terminal = { ...end(), tokens_out_estimated: true } as const;
    const events = [{ type: "started" } as const, ...stream.events.slice(1, -1), terminal];
    const silent = { ...stream, events, terminal, outcome: { status: "complete", terminal } as const };
    const request = { max_tokens: 1, seed: 7 };

    expect(judgeStream(facts, silent, { request, dialect: undefined })).toMatchObject({ status: "ok" });
  });

  test("a number that JSON rounds is compared as it was sent", async () => {
    const seed = 2 ** 60;
    const echoed = BigInt(JSON.stringify(seed));

    const events = [{ ...started, seed: echoed } as never, ...textsOf("a").slice(1)];

    expect(await judge(makeTestRequest("job-1", "Hello", 5, { seed }), events)).toMatchObject({ status: "ok" });
  });

  test("a dialect whose text ends with its stop sequence, but not one that continues", async () => {
    const tgi = findDialect("tgi");

    expect(await judge({ stop: ["b"] }, textsOf("a", "b"), tgi)).toMatchObject({ status: "ok" });
    expect(await judge({ stop: ["b"] }, textsOf("a", "b", "c"), tgi)).toMatchObject({ status: "not-as-requested" });
  });
});
