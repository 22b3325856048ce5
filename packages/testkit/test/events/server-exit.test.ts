import { describe, expect, test } from "vitest";
import { collectSseEvents, type StreamOptions, type StreamResponse } from "../../src/events/index.js";
import { encode, errorOf, from, good, started } from "./support.js";

function answer(body: AsyncIterable<Uint8Array>, fields: Partial<StreamResponse> = {}): StreamResponse {
  return {
    kind: "inference-stream-response",
    status: 200,
    headers: { "content-type": "text/event-stream" },
    url: "http://worker/",
    abort: () => undefined,
    body,
    ...fields,
  };
}

describe("the end of the server process", () => {
  async function* breaking() {
    yield* from(encode([started]));
    throw new Error("broken");
  }
  /** The message about a broken stream of a server that exited, and how often its exit was looked up. */
  async function read(body: AsyncIterable<Uint8Array>, options: StreamOptions = {}) {
    let lookUpCount = 0;
    const findExit = () => {
      lookUpCount += 1;
      return Promise.resolve("the server exited with code 3");
    };
    const { message } = await errorOf(collectSseEvents(answer(body, { findExit }), options));
    return { firstLine: message.split("\n")[0], lookUpCount };
  }

  test.each([
    ["a broken connection", () => breaking(), "(Error: broken)"],
    ["a clean close without a terminal event", () => from(encode([started])), "without a terminal event"],
  ])("is reported after %s", async (_, body, what) => {
    const { firstLine, lookUpCount } = await read(body());

    expect(firstLine).toContain(`${what}; the server exited with code 3`);
    expect(lookUpCount).toBe(1);
  });

  test.each([
    ["a done marker without a terminal event", from("data: [DONE]\n\n"), {}],
    ["an invalid event", from("data: oops\n\n"), {}],
    ["an exceeded limit", from(encode(good)), { eventCount: 1 }],
    ["an abort", from(encode(good)), { signal: AbortSignal.abort() }],
  ])("is not looked up after %s", async (_, body, options) => {
    const { firstLine, lookUpCount } = await read(body, options);

    expect(firstLine).not.toContain("exited");
    expect(lookUpCount).toBe(0);
  });
});
