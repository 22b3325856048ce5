import { describe, expect, test } from "vitest";
import { resolveStreamTimeouts, streamTimeouts, type StreamTimeouts } from "../../src/events/index.js";
import { defineOptions, resolveOptions } from "../../src/options/index.js";
import { messageOf } from "./support.js";

const resolveTimeouts = (timeouts?: StreamTimeouts) =>
  resolveOptions(defineOptions({ timeouts: streamTimeouts() }), { timeouts }).timeouts;

describe("the option `timeouts` of other functions", () => {
  test("keeps the given values and adds no defaults", () => {
    const timeouts = { totalMs: 5 };

    expect(resolveTimeouts(timeouts)).toBe(timeouts);
    expect(resolveTimeouts()).toBeUndefined();
  });

  test("rejects an invalid value with its full name", async () => {
    expect(await messageOf(() => resolveTimeouts({ totalMs: 0 }))).toContain(
      "Expected `timeouts.totalMs` to be a positive number, got `0`",
    );
  });

  test("rejects a name that is not a limit", async () => {
    const timeouts = { totalMS: 5 } as object;

    expect(await messageOf(() => resolveTimeouts(timeouts))).toContain(
      "Expected `timeouts` to have options among connectMs, headersMs",
    );
  });
});

test("an invalid value of resolveStreamTimeouts() is named as one of `timeouts`", async () => {
  expect(await messageOf(() => resolveStreamTimeouts({ eventCount: 0 }))).toContain(
    "Expected `timeouts.eventCount` to be a whole number of at least 1, got `0`",
  );
});
