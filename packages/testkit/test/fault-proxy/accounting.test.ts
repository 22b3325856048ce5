import type { FaultAccount } from "worker-orcd-control";
import { expect, test } from "vitest";
import { assertAllFired, findUnfired } from "../../src/faults/index.js";
import { rejectionOf } from "../../../../tests/support/conditions.js";
import { breakOn, runJob, useStub } from "./support.js";

const worker = useStub();
const account = (over: Partial<FaultAccount>): FaultAccount => ({
  key: "rst#1",
  id: "rst",
  optional: false,
  matched: 0,
  fired: 0,
  bypassed: {},
  skipped: 0,
  ...over,
});

test("only required faults that never fired are found", () => {
  const unfired = account({});

  expect(findUnfired([account({ fired: 1 }), unfired, account({ optional: true })])).toEqual([unfired]);
  expect(() => assertAllFired([account({ fired: 1 }), account({ optional: true })], "the worker")).not.toThrow();
});

test("the message lists each fault with its reason", () => {
  const accounts = [
    account({}),
    account({
      key: "fin#1",
      matched: 3,
      bypassed: { "the answer ended after 5 tokens (90 bytes)": 2, "the client left": 1 },
    }),
    account({ key: "fin#2", skipped: 4 }),
    account({ key: "drip#1", fired: 1 }),
  ];

  expect(() => assertAllFired(accounts, "the worker")).toThrowErrorMatchingInlineSnapshot(`
    [AssertionFailedError: [FAULT_NEVER_FIRED] 3 faults armed at the worker never fired:
      rst#1: no request matched
      fin#1: matched 3, bypassed 2 (the answer ended after 5 tokens (90 bytes)), 1 (the client left)
      fin#2: \`when\` and \`times\` left out all 4 requests that matched
    hint: The message says why. Correct its \`match\`, \`when\` or \`at\`, or set \`optional: true\` if the test may pass without it.
      faults: ["rst#1","fin#1","fin#2"]]
  `);
});

test("stop() fails on every call when a fault never fired", async () => {
  const proxy = await breakOn(worker(), { id: "rst", at: { afterTokens: 10 } });
  const { status } = await runJob(proxy.worker, { tokens: 5 });

  expect(status).toBe("complete");
  const { message } = await rejectionOf(proxy.stop());
  expect(message).toContain("[FAULT_NEVER_FIRED] a fault armed at the proxy never fired:");
  expect(message).toMatch(/rst#1: matched 1, bypassed 1 \(the answer ended after 5 tokens \(\d+ bytes\)\)/);
  await expect(proxy.stop()).rejects.toThrow("FAULT_NEVER_FIRED");
});

test("an optional fault does not fail", async () => {
  await using proxy = await breakOn(worker(), { id: "rst", optional: true, match: { jobId: "nobody" } });

  expect((await runJob(proxy.worker)).status).toBe("complete");
});

test("a stream fault is bypassed if the answer is not a stream", async () => {
  await using proxy = await breakOn(
    worker(),
    { id: "crlf", optional: true },
    { id: "rst", at: { afterTokens: 1 }, optional: true },
  );
  const response = await proxy.worker.execute({ job_id: "a" });

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ field: "prompt" }] });
  const bypassed = { "the answer was 400 without an event stream": 1 };
  expect(proxy.faults.accounts()).toMatchObject([
    { fired: 0, bypassed },
    { fired: 0, bypassed },
  ]);
});

test("a fault that ends the answer bypasses the others", async () => {
  await using proxy = await breakOn(
    worker(),
    { id: "status" },
    { id: "html-200", optional: true },
    { id: "rst", at: { afterTokens: 3 }, optional: true, when: { nth: 2 } },
  );
  await runJob(proxy.worker);
  proxy.faults.disarm(["status#1", "html-200#1"]);
  proxy.faults.arm([{ id: "fin", at: { afterTokens: 2 } }]);
  await runJob(proxy.worker);

  expect(proxy.faults.accounts()).toMatchObject([
    { key: "status#1", fired: 1 },
    { key: "html-200#1", bypassed: { "`status#1` answered": 1 } },
    { key: "rst#1", fired: 0 },
    { key: "fin#1", fired: 1 },
  ]);
  await expect
    .poll(() => Object.keys(proxy.faults.accounts()[2]!.bypassed)[0])
    .toMatch(/^the answer broke off after 2 tokens \(\d+ bytes\), with fin#1$/);
});

test("a client that leaves is a bypass reason", async () => {
  await using proxy = await breakOn(worker(), { id: "stall" }, { id: "rst", at: { afterTokens: 3 }, optional: true });
  await runJob(proxy.worker, { firstTokenMs: 100 });
  await expect
    .poll(() => Object.keys(proxy.faults.accounts()[1]!.bypassed))
    .toEqual(["the client left after 0 tokens (0 bytes)"]);
});
