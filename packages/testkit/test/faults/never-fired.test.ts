import type { FaultAccount } from "worker-orcd-control";
import { expect, test } from "vitest";
import { createNeverFired, findNeverFired, findUnfired } from "../../src/faults/never-fired.js";

const account = (fields: Partial<FaultAccount> = {}): FaultAccount => ({
  key: "hang#1",
  id: "hang",
  optional: false,
  matched: 0,
  fired: 0,
  bypassed: {},
  skipped: 0,
  ...fields,
});

test("fired and optional faults pass", () => {
  const accounts = [account({ fired: 1, matched: 1 }), account({ optional: true })];

  expect(findUnfired(accounts)).toEqual([]);
  expect(findNeverFired(accounts, "the worker")).toBeUndefined();
});

test.each([
  [account(), "hang#1: no request matched"],
  [
    account({ key: "kill#1", id: "kill" }),
    "kill#1: no request matched; only requests of this harness are watched, not those through a FaultProxy",
  ],
  [account({ skipped: 3 }), "hang#1: `when` and `times` left out all 3 requests that matched"],
  [account({ matched: 2 }), "hang#1: matched 2, not reached"],
  [account({ matched: 2, bypassed: { "too short": 2 } }), "hang#1: matched 2, bypassed 2 (too short)"],
])("%j has its own reason", (unfired, reason) => {
  const error = findNeverFired([unfired, account({ fired: 1 })], "the worker");

  expect(error).toMatchObject({ code: "FAULT_NEVER_FIRED", details: { faults: [unfired.key] } });
  expect(error?.message).toContain(`a fault armed at the worker never fired:\n  ${reason}\n`);
});

test("several are counted in a short message", () => {
  const { message } = createNeverFired([account(), account({ key: "hang#2" })], "the proxy");

  expect(message).toMatchInlineSnapshot(`
    "[FAULT_NEVER_FIRED] 2 faults armed at the proxy never fired:
      hang#1: no request matched
      hang#2: no request matched
    hint: The message says why. Correct its \`match\`, \`when\` or \`at\`, or set \`optional: true\` if the test may pass without it.
      faults: ["hang#1","hang#2"]"
  `);
});
