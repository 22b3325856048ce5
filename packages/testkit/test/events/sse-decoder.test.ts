import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WireMessage } from "../../src/dialects/index.js";
import { DEFAULT_STREAM_TIMEOUTS, SseDecoder } from "../../src/events/index.js";
import { bytes, decode, slice, type Decoded } from "./support.js";

const BOM = "\uFEFF";
const X = "x".repeat(2048);

/** Name, input, data of the dispatched messages. */
const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["bom", `${BOM}data:1\n\n${BOM}data:2\n\ndata:3\n\n`, ["1", "3"]],
  ["double bom", `${BOM}${BOM}data:1\n\ndata:2\n\ndata:3\n\n`, ["2", "3"]],
  ["comments", `data:1\r:\0\n:\r\ndata:2\n:${X}\rdata:3\n:data:fail\r:${X}\ndata:4\n\n`, ["1\n2\n3\n4"]],
  ["no final blank", "data:a\n\ndata:b\n", ["a"]],
  ["data field", "data:\n\ndata\ndata\n\ndata:test\n\n", ["", "\n", "test"]],
  [
    "field parsing",
    "data:\0\ndata:  2\nData:1\ndata\0:2\ndata:1\n\0data:4\nda-ta:3\ndata_5\ndata:3\ndata:\n data:32\ndata:4\n\n",
    ["\0\n 2\n1\n3\n\n4"],
  ],
  ["leading space", "data:\ttest\rdata: \ndata:test\n\n", ["\ttest\n\ntest"]],
  ["newlines", "data:test\r\ndata\ndata:test\r\n\r\n", ["test\n\ntest"]],
  ["unknown field", "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:x\ndata:test\n\n", ["test\n\ntest"]],
  ["event reset", "event:token\ndata:1\n\ndata:2\n\n", ["1", "2"]],
  ["retry", `retry:03000\nretry:1000x\nretry:\nretry:${"9".repeat(400)}\ndata:1\n\n`, ["1"]],
  ["CR only", "data:a\r\rdata:b\rdata:c\r\r", ["a", "b\nc"]],
  ["letters that look like the bytes of a BOM", "ï»¿data:1\n\ndata:2\n\n", ["2"]],
  ["no data", "event:end\n\ndata:1\n\n", ["1"]],
  ["blank lines first", "\n\r\n\rdata:1\n\n", ["1"]],
  ["multi-byte characters", "data:grüße 👩‍💻 日本\n\n", ["grüße 👩‍💻 日本"]],
  ["colon in the value", "data:a: b:c\n\n", ["a: b:c"]],
  ["empty", "", []],
];

describe.each(CASES)("case %s", (_name, input, expected) => {
  const whole = bytes(input);
  const reference = decode([whole]);

  test("decodes to the expected data", () => {
    expect(reference.messages.map((message) => message.data)).toEqual(expected);
  });

  test.each([1, 2, 3, 7])("decodes to the same in slices of %i bytes", (size) => {
    expect(decode(slice(whole, size))).toEqual(reference);
  });

  test("decodes to the same with an empty first chunk", () => {
    expect(decode([new Uint8Array(0), whole])).toEqual(reference);
  });

  test("decodes to the same when cut at any single position", () => {
    for (let at = 0; at <= whole.length; at += 1) {
      const cut = decode([whole.subarray(0, at), whole.subarray(at)]);
      if (JSON.stringify(cut) !== JSON.stringify(reference)) expect({ at, ...cut }).toEqual(reference);
    }
  });
});

test("`event` applies to one message, then it is unset", () => {
  const { messages } = decode([bytes("event:token\ndata:1\n\ndata:2\n\nevent:\ndata:3\n\n")]);
  expect(messages.map((message) => message.event)).toEqual(["token", undefined, undefined]);
});

test("a block without data is not dispatched and its event name is forgotten", () => {
  expect(decode([bytes("event:end\n\ndata:1\n\n")]).messages).toEqual([{ event: undefined, data: "1", id: undefined }]);
});

test("`id` persists until the next id, including an empty one, and is ignored if it contains NUL", () => {
  const { messages } = decode([bytes("id:7\ndata:a\n\ndata:b\n\nid:8\0\ndata:c\n\nid\ndata:d\n\ndata:e\n\n")]);
  expect(messages.map((message) => message.id)).toEqual(["7", "7", "7", "", ""]);
});

test("`retry` accepts digits only and is clamped to the longest timer", () => {
  const { retries } = decode([bytes(`retry:03000\nretry:1000x\nretry:\nretry:-1\nretry:${"9".repeat(400)}\n`)]);
  expect(retries).toEqual([3000, 2 ** 31 - 1]);
});

test.each(["\r\r", "\r\n\r", "\n\r", "\r\n\r\n", "\n\n"])(
  "an event that ends with %j is dispatched immediately",
  (ending) => {
    const messages: string[] = [];
    const handlers = { onMessage: (message: WireMessage) => messages.push(message.data), onOverflow: () => undefined };
    const decoder = new SseDecoder(handlers, DEFAULT_STREAM_TIMEOUTS);
    decoder.feed(bytes(`data:1${ending}`));
    expect(messages).toEqual(["1"]);
  },
);

test("an empty chunk between CR and LF does not make two line ends of them", () => {
  const chunks = [bytes("data:a\r"), new Uint8Array(0), bytes("\ndata:b\n\n")];

  expect(decode(chunks).messages.map(({ data }) => data)).toEqual(["a\nb"]);
});

test("comments, `retry` and ignored lines need no handler", () => {
  const messages: string[] = [];
  const handlers = { onMessage: ({ data }: WireMessage) => messages.push(data), onOverflow: () => undefined };
  const decoder = new SseDecoder(handlers, DEFAULT_STREAM_TIMEOUTS);

  decoder.feed(bytes(": one\nretry: 5\n<html>\ndata:1\n\n"));

  expect(messages).toEqual(["1"]);
});

test("an end inside of a character leaves U+FFFD in the unfinished event", () => {
  expect(decode([bytes("data:a"), Uint8Array.of(0xf0, 0x9f)])).toMatchObject({
    unterminatedText: "data:a\ufffd",
    unterminatedBytes: 9,
  });
});

test("comments and ignored lines are counted", () => {
  const decoded = decode([bytes(": one\n:two\n<html>\ndata:1\n\n")]);
  expect(decoded).toMatchObject({ commentCount: 2, ignoredLines: ["<html>"] });
});

test.each([
  ["dat", "dat"],
  ["data2:x", "data2:x"],
  [" data:x", " data:x"],
  ["DATA:x", "DATA:x"],
  ["events", "events"],
  ["i", "i"],
  ["ident:1", "ident:1"],
  ["retry2:1", "retry2:1"],
  ["retr", "retr"],
  ["\0data:1", "\0data:1"],
  ["x".repeat(1000), "x".repeat(200)],
])("the line %j is ignored wherever it is split", (line, reported) => {
  const input = bytes(`data:1\n${line}\ndata:2\n\n`);
  for (let at = 0; at <= input.length; at += 1) {
    const decoded = decode([input.subarray(0, at), input.subarray(at)]);
    expect(decoded.ignoredLines).toEqual([reported]);
    expect(decoded.messages.map(({ data }) => data)).toEqual(["1\n2"]);
  }
});

test("`retry` is parsed wherever it is split, with one space at most", () => {
  const input = bytes("retry: 12\nretry:  13\nretry:1 4\nretry\nretry:\nretry: \nretry:15\ndata:1\n\n");
  for (const size of [1, 2, 3, 5, 1000]) {
    const decoded = decode(slice(input, size));
    expect(decoded).toMatchObject({ retries: [12, 15], ignoredLines: [] });
    expect(decoded.messages).toHaveLength(1);
  }
});

/** Decoding this many lines, in the best of several rounds. */
function costOf(line: string): number {
  const input = bytes(line.repeat(20_000));
  const rounds = Array.from({ length: 7 }, () => {
    const decoder = new SseDecoder(
      { onMessage: () => undefined, onOverflow: () => undefined },
      DEFAULT_STREAM_TIMEOUTS,
    );
    const startedAtMs = performance.now();
    decoder.feed(input);
    return performance.now() - startedAtMs;
  });
  return Math.min(...rounds);
}

test.each(["foo\n", "foo:bar\n", "retry:x\n", "foo\n\n"])(
  "ignoring the line %j takes a small multiple of a comment's time, because no error object is created",
  (line) => {
    const comment = costOf(":foo\n");
    expect(costOf(line) / comment).toBeLessThan(25); // 2 to 3; with an Error object for each line 140
  },
);

test("an unfinished event is discarded and its bytes are reported", () => {
  const decoded = decode([bytes("data:a\n\ndata:ü\ndata:b")]);
  expect(decoded).toMatchObject({ unterminatedBytes: 14, unterminatedText: "data:ü\ndata:b" });
  expect(decoded.messages).toHaveLength(1);
});

test("invalid UTF-8 becomes U+FFFD, however it is split", () => {
  const input = Buffer.concat([bytes("data:a"), Buffer.from([0xff, 0xf0, 0x9f, 0x98]), bytes("b\n\n")]);
  for (const size of [1, 2, 3, 7, 100]) {
    expect(decode(slice(input, size)).messages.map((message) => message.data)).toEqual(["a\uFFFD\uFFFDb"]);
  }
});

const PIECES = [
  "\n",
  "\r",
  "\r\n",
  "\n\n",
  BOM,
  ":",
  " ",
  "\0",
  "data",
  "data:",
  "event:",
  "id:",
  "retry:",
  "7",
  "ü👩‍💻",
  "x",
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(""));
const cuts = fc.array(fc.nat(200), { maxLength: 12 });

function cutAt(input: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const sorted = [0, ...positions.filter((at) => at <= input.length).sort((a, b) => a - b), input.length];
  return sorted.slice(1).map((at, index) => input.subarray(sorted[index], at));
}

/** The clauses of the standard, one after the other, for text without CR and BOM. */
function decodeByTheBook(
  text: string,
): Pick<Decoded, "retries" | "ignoredLines" | "commentCount"> & { data: string[] } {
  const seen = { retries: [] as number[], ignoredLines: [] as string[], commentCount: 0, data: [] as string[] };
  let data: string[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (line === "") {
      if (data.length > 0) seen.data.push(data.join("\n"));
      data = [];
    } else if (colon === 0) seen.commentCount += 1;
    else if (name === "data") data.push(value);
    else if (name === "retry" && /^[0-9]+$/.test(value)) seen.retries.push(Number(value));
    else if (!["retry", "event", "id"].includes(name)) seen.ignoredLines.push(line.slice(0, 200));
  }
  return seen;
}

test("law: every line is decoded as in the standard", () => {
  const lines = fc
    .array(
      fc.constantFrom("\n", "\n\n", ":", " ", "\0", "data", "event", "id", "retry", "da", "ta", "7", "12", "ü", "x"),
      { maxLength: 60 },
    )
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(lines, cuts, (input, positions) => {
      const { messages, retries, ignoredLines, commentCount } = decode(cutAt(bytes(input), positions));
      const data = messages.map((message) => message.data);
      expect({ data, retries, ignoredLines, commentCount }).toEqual(decodeByTheBook(input));
    }),
    { numRuns: 1_000 },
  );
});

test("law: any slicing of any text decodes like the whole", () => {
  fc.assert(
    fc.property(text, cuts, (input, positions) => {
      expect(decode(cutAt(bytes(input), positions))).toEqual(decode([bytes(input)]));
    }),
    { numRuns: 500 },
  );
});

test("law: any slicing of any bytes decodes like the whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (input, positions) => {
      expect(decode(cutAt(input, positions))).toEqual(decode([input]));
    }),
  );
});

test("law: a size limit stops at the same message, however the text is split", () => {
  const limits = { eventBytes: 24, eventIdBytes: 2, eventNameBytes: 3 };
  fc.assert(
    fc.property(text, cuts, (input, positions) => {
      const { messages, overflow } = decode([bytes(input)], limits);
      expect(decode(cutAt(bytes(input), positions), limits)).toMatchObject({ messages, overflow });
    }),
    { numRuns: 500 },
  );
});

describe("size limits", () => {
  const exact = "data:12345\n"; // 11 bytes

  test("an event of exactly `eventBytes` passes, one byte more does not", () => {
    expect(decode([bytes(`${exact}\n`)], { eventBytes: 11 }).overflow).toBeUndefined();
    expect(decode([bytes(`${exact}\n`)], { eventBytes: 10 })).toMatchObject({ overflow: "eventBytes", messages: [] });
  });

  test("bytes count, not characters", () => {
    expect(decode([bytes("data:ü\n\n")], { eventBytes: 7 }).overflow).toBe("eventBytes");
    expect(decode([bytes("data:ü\n\n")], { eventBytes: 8 }).overflow).toBeUndefined();
  });

  test("messages before the oversized one are kept, later ones are not reported", () => {
    const decoded = decode([bytes(`data:1\n\ndata:2\n\ndata:${"x".repeat(50)}\n\ndata:3\n\n`), bytes("data:4\n\n")], {
      eventBytes: 20,
    });
    expect(decoded.messages.map((message) => message.data)).toEqual(["1", "2"]);
    expect(decoded.overflow).toBe("eventBytes");
  });

  test("an endless line is stopped", () => {
    expect(decode(slice(bytes("x".repeat(100)), 7), { eventBytes: 20 }).overflow).toBe("eventBytes");
  });

  test("many short lines without a blank line are one event", () => {
    expect(decode([bytes("data:1\n".repeat(10))], { eventBytes: 20 }).overflow).toBe("eventBytes");
  });

  test("`id` and `event` have their own limits", () => {
    expect(decode([bytes("id:üü\ndata:1\n\n")], { eventIdBytes: 4 }).overflow).toBeUndefined();
    expect(decode([bytes("id:üüx\ndata:1\n\n")], { eventIdBytes: 4 }).overflow).toBe("eventIdBytes");
    expect(decode([bytes("event:abcd\ndata:1\n\n")], { eventNameBytes: 4 }).overflow).toBeUndefined();
    expect(decode([bytes("event:abcde\ndata:1\n\n")], { eventNameBytes: 4 }).overflow).toBe("eventNameBytes");
  });

  test("the first limit that is exceeded is the only one reported", () => {
    const limits = { eventNameBytes: 4, eventBytes: 20 };

    expect(decode([bytes(`event:abcde\ndata:1\n\n${"x".repeat(50)}`)], limits).overflow).toBe("eventNameBytes");
  });

  test("chunks after an oversized event report nothing", () => {
    const chunks = [bytes("x".repeat(50)), bytes("\n\n: comment\nretry:5\n<html>\ndata:1\n\n")];

    expect(decode(chunks, { eventBytes: 20 })).toMatchObject({
      messages: [],
      commentCount: 0,
      retries: [],
      ignoredLines: [],
    });
  });
});
