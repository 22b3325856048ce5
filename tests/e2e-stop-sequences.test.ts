import { beforeAll, describe, expect, test } from "vitest";
import { assertStopReason, TestPrompts, WorkerTestHarness } from "inference-testkit";
import { describeEngines, useWorker } from "./support/engines.js";
import { collect, complete, STORY, type Completed } from "./support/jobs.js";
import {
  choosePieces,
  chooseStopAcrossTokens,
  chooseStopAtEnd,
  chooseStopInsideToken,
  type StopChoice,
} from "./support/stops.js";

/** Cannot be a part of any output here. */
const NEVER = "\u0001\u0002";

describeEngines((engine) => {
  const worker = useWorker(() => engine.start());
  /** The same job without stop sequences: every stop is chosen out of its text. */
  let free: Completed;

  beforeAll(async () => {
    free = await complete(worker(), { max_tokens: 60 });
  });

  /** Runs the job with stop sequences, and expects it to stop at `choice`. */
  async function expectStop(stop: readonly string[], choice: StopChoice): Promise<Completed> {
    const stopped = await complete(worker(), { max_tokens: 60, stop });
    assertStopReason(stopped.events, "stop_sequence", { sequence: choice.stop });
    expect(stopped.text).toBe(choice.before);
    return stopped;
  }

  test("a stop sequence across two tokens is found; neither it nor anything after it is sent", async () => {
    const choice = chooseStopAcrossTokens(free.tokens);

    const { end } = await expectStop([choice.stop], choice);

    expect(end.tokens_out).toBeLessThan(60);
    expect(end.tokens_out).toBeGreaterThan(0);
  });

  test.each([1, 2, 5])("a stop sequence with %i whole tokens between its ends is found", async (between) => {
    const choice = chooseStopAcrossTokens(free.tokens, between);

    await expectStop([choice.stop], choice);
  });

  test("a stop sequence in the middle of a token cuts the token", async () => {
    const choice = chooseStopInsideToken(free.tokens);

    await expectStop([choice.stop], choice);
  });

  test("the first character of the output as stop sequence leaves an empty output", async () => {
    const stop = Array.from(free.text)[0]!;

    const { tokens, end } = await expectStop([stop], { stop, before: "" });

    expect(tokens).toEqual([]);
    expect(end.tokens_out).toBeGreaterThan(0);
  });

  test("of several stop sequences, the one that completes first wins, in any list order", async () => {
    const [early, late] = [chooseStopAcrossTokens(free.tokens), chooseStopAtEnd(free.text.replace(/\ufffd$/, ""))];

    await expectStop([late.stop, NEVER, early.stop], early);
    await expectStop([early.stop, NEVER, late.stop], early);
  });

  test("of two that complete at the same character, the longer one wins, in any list order", async () => {
    const long = chooseStopAcrossTokens(free.tokens, 1);
    const short = Array.from(long.stop).slice(1).join("");

    await expectStop([short, long.stop], long);
    await expectStop([long.stop, short], long);
  });

  test("text that looked like the beginning of a stop sequence is sent when it turns out not to match", async () => {
    const starts = [
      chooseStopAcrossTokens(free.tokens, 2),
      chooseStopInsideToken(free.tokens),
      chooseStopAtEnd(free.text),
    ];
    const stop = starts.map((choice) => `${choice.stop}${NEVER}`);

    const { text, end } = await complete(worker(), { max_tokens: 60, stop });

    expect(text).toBe(free.text);
    expect(end).toMatchObject({ stop_reason: free.end.stop_reason, tokens_out: free.end.tokens_out });
    expect(end.stop_sequence_matched ?? null).toBeNull();
  });

  test("the prompt never matches", async () => {
    const { text } = await complete(worker(), { max_tokens: 60, stop: [STORY, STORY.slice(-15)] });

    expect(text).toBe(free.text);
  });

  test("a stop sequence that completes with the last allowed token is the reason, not max_tokens", async () => {
    for (let max_tokens = 20; ; max_tokens++) {
      const cut = await complete(worker(), { max_tokens });
      if (cut.text.endsWith("\ufffd") && max_tokens < 40) continue; // ends within a character
      const choice = chooseStopAtEnd(cut.text);
      const stopped = await complete(worker(), { max_tokens, stop: [choice.stop] });

      expect(cut.end.stop_reason).toBe("max_tokens");
      expect(stopped.end).toMatchObject({ stop_reason: "stop_sequence", stop_sequence_matched: choice.stop });
      expect(stopped.end.tokens_out).toBe(max_tokens);
      expect(stopped.text).toBe(choice.before);
      return;
    }
  });

  test("any part of the output as stop sequence leaves the text before its first occurrence", async () => {
    const characters = Array.from(free.text.replace(/\ufffd$/, ""));
    for (const choice of choosePieces(characters.join(""), 25)) {
      await expectStop([choice.stop], choice);
    }
  });

  test("four stop sequences of 100 bytes that never match change nothing", async () => {
    const stop = ["a", "b", "c", "d"].map((letter) => letter.repeat(98) + NEVER);

    expect((await complete(worker(), { max_tokens: 60, stop })).text).toBe(free.text);
  });

  test("assertStopReason() fails on a job that stopped for another reason", () => {
    expect(() => assertStopReason(free.events, "stop_sequence", { sequence: NEVER })).toThrow(
      expect.objectContaining({ code: "STOP_MISMATCH" }),
    );
  });
});

describe("stop sequences of scripted outputs", () => {
  const startScript = (...script: string[]) => WorkerTestHarness.startMock({ stub: { content: { script } } });

  test("JSON stops at its closing brace", async () => {
    await using worker = await WorkerTestHarness.startMock();
    const { prompt, stop } = TestPrompts.withStop();

    const { text, end } = await complete(worker, { prompt, max_tokens: 100, stop: [...stop] });

    expect(end).toMatchObject({ stop_reason: "stop_sequence", stop_sequence_matched: "}" });
    expect(JSON.parse(`${text}}`)).toMatchObject({ name: expect.any(String) as string });
  });

  test.each([
    ["a match inside an abandoned longer one", ["a", "b", "a", "b", "c"], ["abc"], "ab", "abc"],
    ["a repeated beginning", ["a", "a", "a", "b", "x"], ["aab"], "a", "aab"],
    ["the shorter one, because it is complete first", ["x", "ab", "cd"], ["abcd", "bc"], "xa", "bc"],
    ["a prefix of another one", ["x", "ab", "cd"], ["ab", "abcd"], "x", "ab"],
    ["line ends", ["one", "\n", "\n", "two"], ["\n\n"], "one", "\n\n"],
    ["only from the second token on", ["}", "}"], ["}}"], "", "}}"],
    ["a character of four bytes", ["say ", "🎉", "!"], ["🎉"], "say ", "🎉"],
    ["a part of a family of emoji", ["👩‍👩‍👧‍👦"], ["👧"], "👩‍👩‍", "👧"],
    ["upper case is not lower case", ["END", "end", "x"], ["end"], "END", "end"],
  ])("%s", async (...[, script, stop, text, matched]) => {
    await using worker = await startScript(...script);

    const stopped = await complete(worker, { stop });

    expect(stopped.end).toMatchObject({ stop_reason: "stop_sequence", stop_sequence_matched: matched });
    expect(stopped.text).toBe(text);
  });

  test("a stop sequence whose last character never arrives does not match; all text is sent at the end", async () => {
    await using worker = await startScript("well", " well", " wel");

    const { text, end } = await complete(worker, { stop: ["welll", " well!"] });

    expect(text).toBe("well well wel");
    expect(end).toMatchObject({ stop_reason: "eos", tokens_out: 3 });
  });

  test("held-back text is sent before an error ends the job", async () => {
    const faults = [{ id: "vram-oom", at: { afterTokens: 2 } }] as const;
    await using worker = await WorkerTestHarness.startMock({
      stub: { content: { script: ["a", "b", "c"] }, faults: [...faults] },
    });

    const { events, outcome } = await collect(worker, { stop: ["abc"] });

    expect(outcome.status).toBe("worker-error");
    expect(events.map((event) => event.type)).toEqual(["started", "error"]);
  });
});
