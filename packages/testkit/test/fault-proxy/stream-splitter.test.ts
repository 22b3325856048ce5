import fc from "fast-check";
import { expect, test } from "vitest";
import { orcd } from "../../src/dialects/index.js";
import { StreamSplitter, type StreamSlice } from "../../src/fault-proxy/stream-splitter.js";

/** Blocks, each with the name that it must be given. */
const BLOCKS = [
  ['event: started\ndata: {"type":"started"}\n\n', "started"],
  ['event: token\r\ndata: {"type":"token","t":"日本"}\r\n\r\n', "token"],
  ['event: token\rdata: {"type":"token"}\r\r', "token"],
  ['data: {"t":"a", "type" : "token"}\n\n', "token"],
  ['data: {"type":"end"}\nevent:end\n\n', "end"],
  ["data: [DONE]\n\n", "message"],
  [": a comment\n\n", ""],
  ["retry: 3\n\n", ""],
] as const;

function split(chunks: readonly Buffer[]): StreamSlice[] {
  const splitter = new StreamSplitter(orcd);
  return chunks.flatMap((chunk) => splitter.split(chunk));
}

const namesOf = (slices: readonly StreamSlice[]) => slices.flatMap(({ events }) => events ?? []);
const textOf = (slices: readonly StreamSlice[]) => Buffer.concat(slices.map(({ bytes }) => bytes)).toString();

test("every event of one chunk is a separate slice with its name", () => {
  const slices = split([Buffer.from(BLOCKS.map(([text]) => text).join(""))]);

  expect(slices.map(({ bytes, events }) => [bytes.toString(), events?.join()])).toEqual(BLOCKS);
});

test("no byte is held back", () => {
  const splitter = new StreamSplitter(orcd);

  expect(splitter.split(Buffer.from("data: a"))).toMatchObject([{ bytes: Buffer.from("data: a") }]);
  expect(splitter.split(Buffer.from("\n"))[0]?.events).toBeUndefined();
  expect(splitter.split(Buffer.from("\n"))[0]?.events).toEqual(["message"]);
});

test("blank lines between events belong to the next one and do not end an event", () => {
  const slices = split([Buffer.from("\n\ndata: a\n\n\n\ndata: b\n\n")]);

  expect(namesOf(slices)).toEqual(["message", "message"]);
  expect(slices[0]?.bytes.toString()).toBe("\n\ndata: a\n\n");
});

test("any cuts give the same bytes and the same events with the same ends", () => {
  const blocks = fc.array(fc.constantFrom(...BLOCKS), { minLength: 1, maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(blocks, cuts, (chosen, sizes) => {
      const whole = Buffer.from(chosen.map(([text]) => text).join(""));
      const chunks: Buffer[] = [];
      for (let at = 0, turn = 0; at < whole.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        chunks.push(whole.subarray(at, at + size));
        at += size;
      }
      const slices = split(chunks);

      expect(textOf(slices)).toBe(whole.toString());
      expect(namesOf(slices)).toEqual(chosen.map(([, name]) => name));
    }),
  );
});
