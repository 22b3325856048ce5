import { describe, expect, test } from "vitest";
import { rejectionOf } from "../../../tests/support/conditions.js";
import { makeTestRequest } from "../src/requests/index.js";
import { runLoad } from "../src/load/index.js";
import { assertNoLeak, assertReleasedAfterStop, judgeLeak, monitorMemory } from "../src/memory/index.js";

const load = {
  profile: { kind: "serial" as const },
  requests: [makeTestRequest("job", "Hello", 1)],
  stop: { count: 1 },
};

/** A call with something else than what it measures or judges: JavaScript, or a cast. */
const CALLS: readonly [string, string, (subject: never) => unknown][] = [
  ["runLoad()", "target", (subject) => runLoad(subject, load)],
  ["monitorMemory()", "worker", (subject) => monitorMemory(subject)],
  ["judgeLeak()", "samples", (subject) => judgeLeak(subject, { source: "process-tree" })],
  ["assertReleasedAfterStop()", "subject", (subject) => assertReleasedAfterStop(subject)],
];

describe.each(CALLS)("%s", (_, name, call) => {
  test.each([null, undefined, NaN, "http://127.0.0.1:1", {}])("rejects %j and names it", async (subject) => {
    const error = await rejectionOf(Promise.resolve().then(() => call(subject as never)));

    expect(error).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining(`\`${name}\``) as string });
  });
});

test.each([null, undefined, NaN, "worker", {}])("assertNoLeak() rejects %j and names it", async (subject) => {
  const error = await rejectionOf(Promise.resolve().then(() => assertNoLeak(subject as never)));

  expect(error).toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringMatching(/`(subject|worker)`/) as string,
  });
});
