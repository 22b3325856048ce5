import { expect, test } from "vitest";
import { storeExchanges } from "../../../src/conformance/evidence/store-exchange.js";
import type { Exchange } from "../../../src/evidence/index.js";

/** What a check has seen of an answer that arrived in these parts, a ms after one another. */
function exchange(parts: readonly Uint8Array[]): Exchange {
  const slices = parts.map((bytes, index) => ({ bytes, atMs: 1_000 + index }));
  const request = { method: "POST", path: "/x", headers: {}, body: "{}" };
  return { number: 1, request, sentAtMs: 1_000, slices } as unknown as Exchange;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("a character that two parts share arrives with the second", () => {
  const smiley = bytes("😀");
  const [stored] = storeExchanges([exchange([smiley.subarray(0, 2), smiley.subarray(2), bytes("!")])]);

  expect(stored!.pieces).toEqual([
    { atMs: 0, text: "" },
    { atMs: 1, text: "😀" },
    { atMs: 2, text: "!" },
  ]);
});

test("of an answer, 16 KiB are kept, and the rest is counted", () => {
  const [stored] = storeExchanges([exchange([bytes("a".repeat(16_000)), bytes("b".repeat(1_000))])]);

  expect(stored!.pieces.map(({ text }) => text.length)).toEqual([16_000, 384]);
  expect(stored!.omittedBytes).toBe(616);
});

test("answers of single bytes do not fill a report with times: 4,000 parts are kept of a check", () => {
  const parts = Array.from({ length: 3_000 }, () => bytes("x"));
  const stored = storeExchanges([exchange(parts), exchange(parts), exchange(parts)]);

  expect(stored.map(({ pieces }) => pieces.length)).toEqual([3_000, 1_000, 0]);
  expect(stored.map(({ omittedBytes }) => omittedBytes)).toEqual([0, 2_000, 3_000]);
});
