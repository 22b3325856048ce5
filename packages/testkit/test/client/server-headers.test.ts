import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { NO_HEADERS, serverHeaders, WorkerClient } from "../../src/client/index.js";
import { isTestkitError } from "../../src/errors/index.js";
import { withoutHiddenValues } from "../../src/terminal/index.js";

const read = (given: unknown) => serverHeaders().read("headers", given);

function refusalOf(given: unknown): string {
  try {
    read(given);
  } catch (error) {
    if (isTestkitError(error, "INVALID_OPTION")) return inspect(error);
    throw error;
  }
  throw new Error("the headers were accepted");
}

describe("headers are refused", () => {
  test.each([
    ["authorization: Bearer top-secret-0", "an object of names and values, got string"],
    [{ "content-length": "top-secret-0" }, "without `content-length`: it belongs to the connection"],
    [{ Host: "top-secret-0" }, "without `Host`: it belongs to the connection"],
    [{ Connection: "top-secret-0" }, "without `Connection`"],
    [{ "Transfer-Encoding": "top-secret-0" }, "without `Transfer-Encoding`"],
    [{ upgrade: "top-secret-0" }, "without `upgrade`"],
    [{ "Content-Type": "top-secret-0" }, "without `Content-Type`: each request has its own"],
    [{ "X-Job-Id": "top-secret-0" }, "each request has its own"],
    [{ "a b": "top-secret-0" }, "whose keys are names of headers, got the name `a b`"],
    [{ "": "top-secret-0" }, "got the name ``"],
    [{ "a\r\nb": "top-secret-0" }, "got the name `a\\r\\nb`"],
    [
      { "x-key": "top-secret-0\r\nx-other: 1" },
      "`headers.x-key` to be visible characters of Latin-1 on one line, got one with a line break",
    ],
    [{ "x-key": "top-secret-0\n" }, "got one with a line break"],
    [{ "x-key": " top-secret-0" }, "spaces around it"],
    [{ "x-key": "top-secret-0\0" }, "other characters"],
    [{ "x-key": "top-secret-0 €" }, "other characters"],
    [{ "x-key": "  " }, "a value that is not empty"],
    [{ "x-key": undefined }, "`headers.x-key` to be a string, got undefined"],
    [{ "x-key": ["top-secret-0"] }, "`headers.x-key` to be a string, got object"],
    [{ "X-Key": "top-secret-0", "x-key": "top-secret-1" }, "each header once, got `x-key` twice"],
  ])("%j", (given, reason) => {
    const shown = refusalOf(given);

    expect(shown).toContain(reason);
    expect(shown).not.toContain("top-secret");
  });
});

test("names are lower-cased, and values are not in the object", () => {
  const headers = read({ "X-Api-Key": "printed-by-accident", Authorization: "Bearer printed-by-accident" });

  expect(headers.names).toEqual(["x-api-key", "authorization"]);
  expect(headers.reveal()).toEqual({
    "x-api-key": "printed-by-accident",
    authorization: "Bearer printed-by-accident",
  });
  const client = new WorkerClient({ baseUrl: "http://127.0.0.1:1", headers });
  for (const shown of [
    inspect(headers, { showHidden: true }),
    inspect(client, { depth: 9 }),
    JSON.stringify({ headers, client }),
  ])
    expect(shown).not.toContain("printed-by-accident");
});

test("the headers of another copy of the package are taken", () => {
  const foreign = { reveal: () => ({ "x-key": "of-another-copy" }) };

  expect(read(foreign).reveal()).toEqual({ "x-key": "of-another-copy" });
});

test("a request's own headers take precedence, whatever their case", () => {
  const headers = read({ authorization: "Bearer from-the-server", "x-tenant": "tenant-one" });

  expect(headers.addTo({ Authorization: "Bearer of-the-request" })).toEqual({
    sent: { Authorization: "Bearer of-the-request", "x-tenant": "tenant-one" },
    shown: { Authorization: "Bearer of-the-request", "x-tenant": "[redacted]" },
  });
  expect(headers.withoutReplaced({ "x-tenant": "a", accept: "b" })).toEqual({ accept: "b" });
});

test("401 and 403 have a hint, which depends on whether headers were sent", () => {
  expect(NO_HEADERS.hintFor(401)).toContain("The server wants a key: pass `headers`");
  expect(read({ "x-api-key": "a-wrong-key" }).hintFor(403)).toContain("answers 403 although `x-api-key` was sent");
  expect(NO_HEADERS.hintFor(404)).toBeUndefined();
});

test("a value is hidden in every text, with and without its scheme; a short one is not", () => {
  read({ authorization: "Bearer hidden-everywhere", "x-stage": "test", "x-quoted": 'with "quotes" in it' });

  expect(withoutHiddenValues("got hidden-everywhere, Bearer hidden-everywhere in a test")).toBe(
    "got [redacted], [redacted] in a test",
  );
  expect(withoutHiddenValues(JSON.stringify('with "quotes" in it'))).toBe('"[redacted]"');
});
