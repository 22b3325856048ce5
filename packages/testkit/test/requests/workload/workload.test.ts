import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/load/schedule/draws.js";
import { lengths, makeItem, type Talk, type WorkloadOptions } from "../../../src/requests/workload/index.js";
import { drawLength } from "../../../src/requests/workload/lengths.js";
import { countWords } from "../../../src/requests/workload/words.js";

const read = (word: string) => lengths().read("--prompt-words", word);
const talkOf = (opening: string, fields: Partial<Talk> = {}): Talk => {
  return { history: [], isChat: false, opening, followUps: [], outputTokens: undefined, ...fields };
};
const PLAIN: WorkloadOptions = {
  talks: undefined,
  promptWords: undefined,
  outputTokens: { kind: "fixed", length: 16 },
  prefixShare: 0,
  turns: 1,
};

function make(options: Partial<WorkloadOptions>, { index = 0, seed = 1n, isWarmup = false } = {}) {
  return makeItem({ ...PLAIN, ...options }, { index, random: createRandom(seed, `request-${index}`), isWarmup });
}

describe("lengths", () => {
  test.each([
    ["200", { kind: "fixed", length: 200 }],
    ["fixed:200", { kind: "fixed", length: 200 }],
    ["uniform:50-400", { kind: "uniform", least: 50, most: 400 }],
    ["normal:200,50", { kind: "normal", mean: 200, deviation: 50 }],
    ["file", { kind: "file" }],
  ])("%s is read", (word, wanted) => {
    expect(read(word)).toEqual(wanted);
  });

  test.each([
    "0",
    "1.5",
    "1000001",
    "uniform:5",
    "uniform:9-5",
    "normal:200",
    "normal:5,9",
    "file:3",
    "200,50",
    "some",
    "",
  ])("%j is refused", (word) => {
    expect(() => read(word)).toThrow("Expected `--prompt-words` to be a length such as 200, uniform:50-400");
  });

  const draw = (word: string, count = 4_000) => {
    const random = createRandom(7n, word);
    return Array.from({ length: count }, () => drawLength(read(word), random, 33));
  };
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  test("are drawn from their distribution", () => {
    const [uniform, normal] = [draw("uniform:10-20"), draw("normal:100,20")];

    expect(new Set(draw("12"))).toEqual(new Set([12]));
    expect(new Set(draw("file"))).toEqual(new Set([33]));
    expect([Math.min(...uniform), Math.max(...uniform)]).toEqual([10, 20]);
    expect(meanOf(uniform)).toBeCloseTo(15, 0);
    expect(Math.abs(meanOf(normal) - 100)).toBeLessThan(1.5);
    const deviation = Math.sqrt(meanOf(normal.map((value) => (value - 100) ** 2)));
    expect(Math.abs(deviation - 20)).toBeLessThan(1.5);
  });

  test("are at least 1 and whole", () => {
    const values = draw("normal:2,2");
    expect(Math.min(...values)).toBe(1);
    expect(values.every(Number.isInteger)).toBe(true);
  });
});

describe("one request", () => {
  test("is the same for the same seed and index, and differs for another one", () => {
    const options = { promptWords: read("uniform:5-50"), outputTokens: read("normal:50,20") };

    expect(make(options)).toEqual(make(options));
    expect(make(options, { seed: 2n })).not.toEqual(make(options));
    expect(make(options, { index: 1 }).talk.opening).not.toBe(make(options).talk.opening);
  });

  test("has as many words as its length says, cut or repeated", () => {
    const talks = [talkOf("one two three")];

    expect(make({ talks, promptWords: read("2") }).talk.opening).toBe("one two");
    expect(make({ talks, promptWords: read("5") }).talk.opening).toBe("one two three one two");
    expect(make({ talks, promptWords: read("file") }).talk.opening).toBe("one two three");
  });

  test.each([
    ["of a given length", read("200"), 200],
    ["of its own length", undefined, 400],
  ])("%s shares its first words with every other one", (_, promptWords, words) => {
    const talks = [talkOf("alpha ".repeat(200).trim()), talkOf("beta ".repeat(200).trim())];
    const [first, second] = [0, 1].map(
      (index) => make({ talks, promptWords, prefixShare: 0.5 }, { index }).talk.opening,
    );

    expect([countWords(first!), countWords(second!)]).toEqual([words, words]);
    const [a, b] = [first!.split(" "), second!.split(" ")];
    const shared = a.findIndex((word, index) => word !== b[index]);
    expect(shared).toBe(words / 2);
  });

  test("takes the talks in order and begins again; a warm-up takes the last ones", () => {
    const talks = ["a", "b", "c"].map((opening) => talkOf(opening));
    const openings = (isWarmup: boolean) =>
      [0, 1, 2, 3].map((index) => make({ talks }, { index, isWarmup }).talk.opening);

    expect(openings(false)).toEqual(["a", "b", "c", "a"]);
    expect(openings(true)).toEqual(["c", "b", "a", "c"]);
  });

  test("has the follow-ups of its talk, up to the turns, each with a length of its own", () => {
    const talks = [talkOf("a", { followUps: ["b b", "c", "d"] })];

    expect(make({ talks, turns: 3 }).followUps).toEqual(["b b", "c"]);
    expect(make({ talks, turns: 3, promptWords: read("2") }).followUps).toEqual(["b b", "c c"]);
    expect(make({ talks }).followUps).toEqual([]);
    expect(make({ turns: 3 }).followUps).toHaveLength(2);
  });

  test("may have the length of the answer in the file", () => {
    expect(make({ talks: [talkOf("a", { outputTokens: 77 })], outputTokens: read("file") }).maxTokens).toBe(77);
  });
});
