import { expect, test } from "vitest";
import { reportRate } from "../../../src/load/run/rate.js";
import { makeRecords } from "../results.js";

test("the rate of a client that keeps up is that of the schedule", () => {
  expect(reportRate(makeRecords(101))).toEqual({ requestedPerSec: 100, achievedPerSec: 100, ratio: 1 });
});

test("a client that falls behind takes longer by the delay of the last tenth minus that of the first", () => {
  const behind = makeRecords(101, (index) => ({ sendMs: index * 10 + (index < 50 ? 5 : 255) }));

  expect(reportRate(behind)).toEqual({ requestedPerSec: 100, achievedPerSec: 80, ratio: 0.8 });
});

test("a client that is late from the start, or catches up, sends at the rate of the schedule", () => {
  const late = makeRecords(101, (index) => ({ sendMs: index * 10 + 500 }));
  const catchingUp = makeRecords(101, (index) => ({ sendMs: index * 10 + 100 - index }));

  expect(reportRate(late)).toMatchObject({ ratio: 1 });
  expect(reportRate(catchingUp)).toMatchObject({ ratio: 1 });
});

test("one late request at the end does not lower the rate", () => {
  expect(reportRate(makeRecords(101, (index) => ({ sendMs: index * 10 + (index === 100 ? 900 : 0) })))).toMatchObject({
    ratio: 1,
  });
});

test("with few requests, the first and the last are compared", () => {
  expect(reportRate(makeRecords(2, (index) => ({ schedMs: index * 10, sendMs: index * 20 })))).toEqual({
    requestedPerSec: 100,
    achievedPerSec: 50,
    ratio: 0.5,
  });
});

test("a schedule does not have to begin at 0", () => {
  const later = makeRecords(11, (index) => ({ schedMs: 5_000 + index * 10, sendMs: 5_000 + index * 10 }));

  expect(reportRate(later)).toMatchObject({ requestedPerSec: 100 });
});

test("a burst, a single request and none have no rate", () => {
  expect(reportRate(makeRecords(5, () => ({ schedMs: 3, sendMs: 4 })))).toBeNull();
  expect(reportRate(makeRecords(1))).toBeNull();
  expect(reportRate([])).toBeNull();
});
