import { expect, test } from "vitest";
import { wholeEvents, type Piece, type Pieces } from "../../src/fault-proxy/pieces.js";

const KIB = 1024;

async function* from(pieces: readonly Piece[], onTaken: () => void = () => undefined): Pieces {
  await Promise.resolve();
  for (const piece of pieces) {
    onTaken();
    yield piece;
  }
}

const piece = (text: string, event?: string): Piece => ({
  bytes: Buffer.from(text),
  ...(event === undefined ? {} : { events: [event] }),
});

async function collect(pieces: Pieces): Promise<(readonly [string, string | undefined])[]> {
  const collected: (readonly [string, string | undefined])[] = [];
  for await (const { bytes, events } of pieces) collected.push([bytes.toString(), events?.join()]);
  return collected;
}

test("wholeEvents() joins the pieces of one event", async () => {
  const pieces = [piece("a", "started"), piece("b"), piece("c"), piece("d", "token"), piece("e")];

  expect(await collect(wholeEvents(from(pieces)))).toEqual([
    ["a", "started"],
    ["bcd", "token"],
    ["e", undefined],
  ]);
});

test("wholeEvents() buffers at most 1 MiB of an unterminated event, and does not pass it on as an event", async () => {
  const part = "x".repeat(64 * KIB);
  let takenCount = 0;
  const pieces = [...Array.from({ length: 100 }, () => piece(part)), piece("end", "token"), piece("next", "token")];
  const joined = wholeEvents(from(pieces, () => (takenCount += 1)));

  const first = await joined.next();
  expect(first.value).toMatchObject({ events: undefined });
  expect(takenCount).toBeLessThanOrEqual(18);

  const rest = await collect(joined);
  expect(rest.map(([text]) => text).join("")).toBe(`${part.repeat(99)}endnext`);
  expect(rest.filter(([, event]) => event !== undefined)).toEqual([["next", "token"]]);
});
