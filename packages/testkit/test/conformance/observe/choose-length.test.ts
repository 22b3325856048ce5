import { describe, expect, test } from "vitest";
import { chooseLength, type LengthFacts } from "../../../src/conformance/observe/choose-length.js";

const choose = (facts: Partial<LengthFacts> = {}) =>
  chooseLength({ attempt: 1, msPerToken: 10, leastLimitMs: 500, limits: undefined, refused: undefined, ...facts });

describe("the length of a job that is to be left", () => {
  test("is 1500 tokens at first, and half of its time is the limit", () => {
    expect(choose()).toEqual({ length: 1500, limitMs: 7500 });
  });

  test.each([2, 3])("is not shorter in attempt %i, but longer", (attempt) => {
    expect(choose({ attempt }).length).toBe(3000);
  });

  test("is longer for a fast server", () => {
    expect(choose({ msPerToken: 0.5 })).toEqual({ length: 3000, limitMs: 750 });
    expect(choose({ msPerToken: 0 })).toEqual({ length: 3000, limitMs: 0 });
  });

  test.each([
    [3000, 1500],
    [1500, 700],
    [700, 200],
    [200, 100],
    [1, 1],
  ])("is shorter once the server has refused %i", (refused, length) => {
    expect(choose({ attempt: 3, refused }).length).toBe(length);
  });

  test.each([
    [{ maxTokens: 64 }, 64],
    [{ contextTokens: 2048 }, 1536],
    [{ contextTokens: 256 }, 128],
    [{ contextTokens: 1 }, 1],
    [{ maxTokens: 100_000, contextTokens: 100_000 }, 3000],
  ])("stays in the limits %o", (limits, length) => {
    expect(choose({ attempt: 2, limits }).length).toBe(length);
  });
});
