import { describe, expect, test } from "vitest";
import { findDifference } from "../../src/golden/compare.js";

const answer = (tokens: readonly string[], stopReason = "eos") => ({ text: tokens.join(""), tokens, stopReason });
const textOnly = (text: string, stopReason = "eos") => ({ text, stopReason });
const PARIS = answer(["The", " capital", " is", " Paris", "."]);

test("the same answer has no difference", () => {
  expect(findDifference(PARIS, answer(["The", " capital", " is", " Paris", "."]))).toBeUndefined();
  expect(findDifference(PARIS, textOnly("The capital is Paris."))).toBeUndefined();
});

test("the first other token is shown with both pieces and what is around them", () => {
  const lines = findDifference(PARIS, answer(["The", " capital", " is", " Lyon", ",", " not"]));

  expect(lines).toEqual([
    'first difference at token 3 of 5, after "The capital is"',
    '  golden:   " Paris", then "."',
    '  received: " Lyon", then ", not"',
  ]);
});

test("an answer that ends early is shown as one", () => {
  expect(findDifference(PARIS, answer(["The", " capital"]))).toContain("  received: nothing: it ends here");
  expect(findDifference(textOnly("ab"), textOnly("abc"))).toContain("  golden:   nothing: it ends here");
});

test("a text that was cut into other tokens says so", () => {
  expect(findDifference(PARIS, answer(["The", " cap", "ital", " is", " Paris", "."]))).toContain(
    "  the text is the same: it was cut into other tokens",
  );
});

test("a text without tokens is compared by characters, also beyond the first plane", () => {
  expect(findDifference(textOnly("a😀b"), textOnly("a😀c"))).toEqual([
    'first difference at character 2 of 3, after "a😀"',
    '  golden:   "b"',
    '  received: "c"',
  ]);
});

test("another stop reason is a difference, also of the same text", () => {
  expect(findDifference(PARIS, { ...PARIS, stopReason: "max_tokens" })).toEqual([
    "the golden answer ends with `eos`, the received one with `max_tokens`",
  ]);
});

describe("close", () => {
  const golden = textOnly("one two three four five six seven eight nine ten");
  const other = textOnly("one two three four five six seven eight nine eleven", "max_tokens");

  test.each([
    [{ sameCharacters: 0, differentWords: 0.1 }, true],
    [{ sameCharacters: 0, differentWords: 0.09 }, false],
    [{ sameCharacters: 45, differentWords: 1 }, true],
    [{ sameCharacters: 46, differentWords: 1 }, false],
  ])("%o accepts a text with one other word at its end: %s", (close, isAccepted) => {
    expect(findDifference(golden, other, close) === undefined).toBe(isAccepted);
  });

  test("words that are missing or added count as different", () => {
    const close = { sameCharacters: 0, differentWords: 0.19 };

    expect(findDifference(golden, textOnly("two three four five six seven eight nine ten"), close)).toBeUndefined();
    expect(
      findDifference(golden, textOnly("zero one two three four five six seven eight nine ten"), close),
    ).toBeUndefined();
    expect(findDifference(golden, textOnly("three four five six seven eight nine ten"), close)?.[0]).toBe(
      "20.0 % of the words differ; `differentWords` accepts 19.0 %",
    );
  });

  test("two empty texts are close", () => {
    expect(
      findDifference(textOnly(""), textOnly("", "max_tokens"), { sameCharacters: 0, differentWords: 0 }),
    ).toBeUndefined();
  });
});
