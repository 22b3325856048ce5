import { describe, expect, test } from "vitest";
import {
  CheckFailed,
  CheckInconclusive,
  expect as expectValue,
  fail,
  forEach,
  inconclusive,
} from "../../src/conformance/verdict.js";

function verdictOf(work: () => void): { expected: string; got: string } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error;
    return { expected: error.expected, got: error.got };
  }
}

describe("a comparison that holds returns, and one that does not names what, wanted and got", () => {
  const stopReason = expectValue<string | undefined>("stop reason", "eos");
  const count = expectValue("number of tokens", 16);

  test.each<[string, () => void, () => void, string, string]>([
    ["toBe", () => count.toBe(16), () => count.toBe(17), "number of tokens to be 17", "16"],
    [
      "toBeOneOf",
      () => stopReason.toBeOneOf(["stop", "eos"]),
      () => stopReason.toBeOneOf(["stop", undefined]),
      'stop reason to be "stop" or nothing',
      '"eos"',
    ],
    [
      "toBeAtLeast",
      () => count.toBeAtLeast(16),
      () => count.toBeAtLeast(17),
      "number of tokens to be at least 17",
      "16",
    ],
    ["toBeAtMost", () => count.toBeAtMost(16), () => count.toBeAtMost(15), "number of tokens to be at most 15", "16"],
    ["toMatch", () => stopReason.toMatch(/^e/), () => stopReason.toMatch(/^x/), "stop reason to be like /^x/", '"eos"'],
    [
      "toSatisfy",
      () => count.toSatisfy("even", (value) => value % 2 === 0),
      () => count.toSatisfy("odd", (value) => value % 2 === 1),
      "number of tokens to be odd",
      "16",
    ],
  ])("%s", (...[, holds, breaks, wanted, got]) => {
    expect(verdictOf(holds)).toBeUndefined();
    expect(verdictOf(breaks)).toEqual({ expected: wanted, got });
  });
});

test("a long value is cut in a verdict, and says how long it is", () => {
  const got = verdictOf(() => expectValue("text", "a".repeat(1000)).toBe(""))?.got;
  expect(got).toMatch(/^"a{399}… \(1002 characters\)$/);
});

test("NaN is at least and at most nothing", () => {
  expect(verdictOf(() => expectValue("n", NaN).toBeAtLeast(0))).toBeDefined();
  expect(verdictOf(() => expectValue("n", undefined).toBeAtMost(0))).toBeDefined();
});

describe("forEach()", () => {
  const run = (each: number): Promise<void> => {
    if (each === 3) inconclusive("a three");
    if (each === 4) throw new Error("defect");
    return Promise.resolve().then(() => expectValue("value", each).toBe(1));
  };
  const failing = (cases: number[]) => forEach(cases, (each) => `case ${each}`, run);

  test("returns if all cases hold, and for none", async () => {
    await failing([1, 1]);
    await failing([]);
  });

  test("fails with every case that fails", async () => {
    const error: unknown = await failing([0, 1, 2]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      expected: "case 0: value to be 1; case 2: value to be 1",
      got: "case 0: 0; case 2: 2",
    });
  });

  test("passes on anything else", async () => {
    await expect(failing([3])).rejects.toBeInstanceOf(CheckInconclusive);
    await expect(failing([4])).rejects.toThrow("defect");
  });
});

test("fail() and inconclusive() throw", () => {
  expect(() => fail({ expected: "a", got: "b" })).toThrow("expected a, got b");
  expect(() => inconclusive("16 tokens")).toThrow("16 tokens");
});
