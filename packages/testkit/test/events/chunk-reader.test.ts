import { describe, expect, test } from "vitest";
import { fromIterable, fromReadableStream } from "../../src/events/chunk-reader.js";
import { bytes, from, messageOf } from "./support.js";

describe("fromIterable()", () => {
  test("reads slice by slice, and then undefined", async () => {
    const reader = fromIterable(from("a", "b"));

    expect([await reader.next(), await reader.next(), await reader.next()]).toEqual([
      bytes("a"),
      bytes("b"),
      undefined,
    ]);
  });

  test("releases the source with the given function and reason", () => {
    const reasons: unknown[] = [];

    fromIterable(from("a"), (reason) => reasons.push(reason)).abort("enough");

    expect(reasons).toEqual(["enough"]);
  });

  test("destroys a stream, and returns any other iterator", () => {
    const done: string[] = [];
    const iterator = { next: () => new Promise<never>(() => undefined), return: () => done.push("returned") };
    const source = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<Uint8Array>;

    fromIterable(Object.assign({ destroy: () => done.push("destroyed") }, source)).abort("enough");
    fromIterable(source).abort("enough");
    fromIterable(Object.assign({ destroy: "no function" }, source)).abort("enough");

    expect(done).toEqual(["destroyed", "returned", "returned"]);
  });

  test("tolerates a source without return(), and one that fails on release", async () => {
    const iterator = { next: () => new Promise<never>(() => undefined) };
    const failing = { ...iterator, return: () => Promise.reject(new Error("no")) };
    const throwing = {
      ...iterator,
      return: () => {
        throw new Error("no");
      },
    };

    for (const one of [iterator, failing, throwing]) {
      const source = { [Symbol.asyncIterator]: () => one } as unknown as AsyncIterable<Uint8Array>;
      expect(() => fromIterable(source).abort("enough")).not.toThrow();
    }
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail the test
  });
});

describe("fromReadableStream()", () => {
  const streamOf = (...chunks: readonly unknown[]) => ReadableStream.from(chunks) as ReadableStream<Uint8Array>;

  test("reads slice by slice, and then undefined", async () => {
    const reader = fromReadableStream(streamOf(bytes("a")));

    expect([await reader.next(), await reader.next()]).toEqual([bytes("a"), undefined]);
  });

  test("cancels the stream with the reason", async () => {
    const reasons: unknown[] = [];
    const stream = new ReadableStream<Uint8Array>({ cancel: (reason) => void reasons.push(reason) });

    fromReadableStream(stream).abort("enough");
    await new Promise((resolve) => setImmediate(resolve));

    expect(reasons).toEqual(["enough"]);
  });

  test("treats a missing body as empty", async () => {
    const reader = fromReadableStream(null);

    expect(await reader.next()).toBeUndefined();
    expect(() => reader.abort("enough")).not.toThrow();
  });
});

test("anything other than bytes is rejected, with a solution", async () => {
  const message = await messageOf(fromIterable(ReadableStream.from(["text"]) as never).next());

  expect(message).toContain("Expected `source` to yield bytes (Uint8Array), got a string");
  expect(message).toContain("hint: Do not call setEncoding() on the stream: a decoder needs the bytes.");
  expect(await fromIterable(from("a")).next()).toEqual(bytes("a"));
});
