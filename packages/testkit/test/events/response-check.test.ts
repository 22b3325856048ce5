import { describe, expect, test } from "vitest";
import { collectStream, type StreamResponse } from "../../src/events/index.js";
import { encode, errorOf, from, good, streamHead } from "./support.js";

/** An answer of the framework's client, and why its connection was cut. */
function answer(headers: Record<string, string>, fields: Partial<StreamResponse> = {}) {
  const aborted: unknown[] = [];
  const response: StreamResponse = {
    kind: "inference-stream-response",
    status: 200,
    headers,
    body: from(encode(good)),
    url: "http://worker/execute",
    abort: (reason) => aborted.push(reason),
    ...fields,
  };
  return { response, aborted };
}
const stream = { "content-type": streamHead["content-type"] };

describe("the content encoding", () => {
  test.each(["identity", " Identity "])("%j counts as uncompressed", async (encoding) => {
    const { response } = answer({ ...stream, "content-encoding": encoding });

    expect((await collectStream(response)).outcome.status).toBe("complete");
  });

  test("any other is rejected by name, because none was requested", async () => {
    const { response, aborted } = answer({ ...stream, "content-encoding": "gzip" });

    const error = await errorOf(collectStream(response));

    expect(error).toMatchObject({
      code: "INVALID_RESPONSE",
      details: { url: "http://worker/execute", status: 200, contentType: streamHead["content-type"] },
    });
    expect(error.message).toContain(
      "Expected a body that is not compressed, as requested, got `content-encoding: gzip`",
    );
    expect(aborted).toMatchObject([{ message: "The response is not an event stream" }]);
  });
});

describe("the body in the error", () => {
  const bodyOf = async (...chunks: readonly string[]) => {
    const { response } = answer({}, { status: 500, body: from(...chunks) });
    const { details } = (await errorOf(collectStream(response))) as unknown as { details: { body: string } };
    return details.body;
  };

  test("is complete up to 4 KiB", async () => {
    expect(await bodyOf("x".repeat(4096))).toBe("x".repeat(4096));
    expect(await bodyOf("x".repeat(4096), "y")).toBe(`${"x".repeat(4096)}…`);
    expect(await bodyOf("x".repeat(4000), "y".repeat(96))).toBe("x".repeat(4000) + "y".repeat(96));
  });

  test("is reported as empty if it is", async () => {
    expect(await bodyOf()).toBe("empty");
  });
});

test("a missing content type is reported", async () => {
  const error = await errorOf(collectStream(answer({}).response));

  expect(error.message).toContain("Expected `text/event-stream`, got a body without a content type");
  expect(error).toMatchObject({ details: { contentType: "none" } });
});

test("the error has the likely cause of a refusal and the worker's log", async () => {
  const fields = { status: 503, refusalHint: "The worker is loading.", logTail: () => ["loading"] };
  const error = await errorOf(collectStream(answer({}, fields).response));

  expect(error.message).toContain("Expected an event stream, got HTTP 503\nhint: The worker is loading.");
  expect(error.message).toContain("  | loading");
});
