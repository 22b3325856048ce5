import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StopMatcher } from "../../src/text/index.js";

interface Result {
  readonly text: string;
  readonly matched: string | undefined;
}

/** Feeds pieces until a match or the end. */
function run(stops: readonly string[], pieces: readonly string[]): Result & { released: string[] } {
  const matcher = new StopMatcher(stops);
  const released: string[] = [];
  for (const piece of pieces) {
    const { text, matched } = matcher.push(piece);
    released.push(text);
    if (matched !== undefined) return { text: released.join(""), matched, released };
  }
  released.push(matcher.end());
  return { text: released.join(""), matched: undefined, released };
}

/** The rule itself, without cleverness: read on until some sequence is complete; of several, take the longest. */
function reference(stops: readonly string[], text: string): Result {
  for (let end = 1; end <= text.length; end++) {
    const complete = stops.filter((stop) => text.slice(0, end).endsWith(stop));
    const [matched] = complete.sort((a, b) => b.length - a.length);
    if (matched !== undefined) return { text: text.slice(0, end - matched.length), matched };
  }
  return { text, matched: undefined };
}

function cut(text: string, positions: readonly number[]): string[] {
  const borders = [0, ...positions.map((p) => p % (text.length + 1)).sort((a, b) => a - b), text.length];
  return borders.slice(1).map((end, index) => text.slice(borders[index], end));
}

describe("a match", () => {
  test.each<[string, string[], string[], Result]>([
    ["inside a piece", ["STOP"], ["abSTOPcd"], { text: "ab", matched: "STOP" }],
    ["at the start", ["STOP"], ["STOPcd"], { text: "", matched: "STOP" }],
    ["at the end", ["STOP"], ["abSTOP"], { text: "ab", matched: "STOP" }],
    ["across a boundary", ["STOP"], ["abST", "OPcd"], { text: "ab", matched: "STOP" }],
    ["across many boundaries", ["STOP"], ["ab", "S", "T", "O", "P", "cd"], { text: "ab", matched: "STOP" }],
    ["of one character", ["}"], ["{", '"a": 1', "}", "x"], { text: '{"a": 1', matched: "}" }],
    ["that overlaps itself", ["aab"], ["a", "a", "a", "b"], { text: "a", matched: "aab" }],
    ["after a false start", ["abac"], ["ababac"], { text: "ab", matched: "abac" }],
    ["of a line end", ["\n\n"], ["a\n", "b\n", "\nc"], { text: "a\nb", matched: "\n\n" }],
    ["of two, the one that completes first", ["bcd", "c"], ["abcd"], { text: "ab", matched: "c" }],
    ["of two, whatever their order", ["c", "bcd"], ["abcd"], { text: "ab", matched: "c" }],
    ["on a tie the longest", ["c", "bc"], ["abc"], { text: "a", matched: "bc" }],
    ["on a tie the longest, whatever their order", ["abc", "bc", "c"], ["x", "ab", "c"], { text: "x", matched: "abc" }],
    ["of non-ASCII text", ["🎉é"], ["a🎉", "é"], { text: "a", matched: "🎉é" }],
    ["not of a part of a character", ["\ud83c"], ["a🎉b"], { text: "a🎉b", matched: undefined }],
    ["without stop sequences", [], ["a", "b"], { text: "ab", matched: undefined }],
    ["without text", ["a"], [], { text: "", matched: undefined }],
    ["in empty pieces", ["ab"], ["", "a", "", "b", ""], { text: "", matched: "ab" }],
  ])("%s", (...[, stops, pieces, expected]) => {
    const { text, matched } = run(stops, pieces);
    expect({ text, matched }).toEqual(expected);
  });
});

describe("text that may be the beginning of a match", () => {
  test("is held back, and released when it turns out not to match", () => {
    expect(run(["STOP"], ["abST", "xy"]).released).toEqual(["ab", "STxy", ""]);
  });

  test("is released at the end", () => {
    expect(run(["STOP"], ["ab", "STO"]).released).toEqual(["ab", "", "STO"]);
  });

  test("is held back no longer than necessary", () => {
    expect(run(["aab"], ["a", "a", "a", "c"]).released).toEqual(["", "", "a", "aac", ""]);
  });

  test("is not held back if no stop sequence begins like it", () => {
    expect(run(["STOP"], ["a", "T", "OP"]).released).toEqual(["a", "T", "OP", ""]);
  });
});

describe("laws", () => {
  const alphabet = fc.constantFrom("a", "b", "c", "🎉", "é");
  const word = (max: number) => fc.string({ unit: alphabet, maxLength: max });
  const stops = fc.array(
    word(4).filter((stop) => stop !== ""),
    { maxLength: 4 },
  );
  const cuts = fc.array(fc.nat(), { maxLength: 10 });

  test("any slicing gives the same result as the plain rule on the whole text", () => {
    fc.assert(
      fc.property(stops, word(24), cuts, (list, text, positions) => {
        const { text: sent, matched } = run(list, cut(text, positions));
        expect({ text: sent, matched }).toEqual(reference(list, text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("no prefix of a stop sequence is sent before it is known not to match", () => {
    fc.assert(
      fc.property(stops, word(24), cuts, (list, text, positions) => {
        const matcher = new StopMatcher(list);
        let sent = "";
        for (const piece of cut(text, positions)) {
          const { text: released, matched } = matcher.push(piece);
          sent += released;
          if (matched !== undefined) break;
        }
        const { text: whole } = reference(list, text);
        expect(whole.startsWith(sent)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
