import fc from "fast-check";
import { InvalidEventError } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import { parseEvent } from "../../src/dialects/index.js";
import { decode, dialectOf, STREAMS } from "./support.js";

describe("events as they are written to evidence", () => {
  test.each([
    { type: "started" },
    { type: "started", job_id: "a" },
    { type: "started", job_id: "a", model: "m", started_at: "2026-01-01T00:00:00Z", seed: 18446744073709551615n },
    { type: "token", t: "x", i: 0, channel: "reasoning" },
    { type: "tool_call", index: 0, name: "f" },
    { type: "end", tokens_out: 3, stop_reason: "stop" },
    { type: "end", tokens_out: 3, tokens_out_estimated: true, stop_reason: "stop" },
    { type: "end", tokens_out: 3, stop_reason: "stop_sequence", stop_sequence_matched: "}", decode_time_ms: 0.5 },
    { type: "error", code: "x", message: "y", retriable: false },
  ])("event %# stays as it is", (event) => {
    expect(parseEvent(event)).toEqual(event);
  });

  test.each([
    [{ type: "started", job_id: 5 }, "`job_id`"],
    [{ type: "started", seed: -1 }, "`seed`"],
    [{ type: "end", stop_reason: "stop" }, "`tokens_out` is missing"],
    [{ type: "end", tokens_out: 1, stop_reason: "bored" }, "`stop_reason`"],
    [{ type: "end", tokens_out: 1, stop_reason: "stop", decode_time_ms: -1 }, "`decode_time_ms`"],
    [{ type: "token", t: "", i: 0 }, "`t`"],
    [null, "object"],
    [{ type: "toString" }, "`type`"],
  ])("%j is refused", (event, message) => {
    expect(() => parseEvent(event)).toThrow(message);
  });
});

/** Any JSON, with the words of the dialects in it. */
const words = fc.constantFrom(
  ..."choices delta content text finish_reason stop length usage completion_tokens error message type index done done_reason response eval_count stop_type eos limit token generated_text details message_stop message_delta content_block_start content_block tool_use response.completed output status failed".split(
    " ",
  ),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    words,
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(words, tie("tree"), { maxKeys: 5 }),
  ),
}));

describe.each(["openai-chat", "openai-completions", "openai-responses", "anthropic", "llama-cpp", "ollama", "tgi"])(
  "%s reads any JSON",
  (name) => {
    const dialect = dialectOf(name);
    const read = (messages: readonly unknown[]) => {
      const decoder = dialect.createDecoder({ jobId: "a", request: undefined });
      const events = [...(decoder.begin?.() ?? [])];
      for (const message of messages) {
        try {
          events.push(...decoder.push({ data: JSON.stringify(message) }));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidEventError);
          break;
        }
      }
      return events;
    };

    test("into valid events, or says that it is not one", () => {
      fc.assert(
        fc.property(fc.array(tree, { maxLength: 6 }), (messages) => {
          const events = read(messages);
          for (const event of events) expect(parseEvent(event)).toEqual(event);
          const tokens = events.filter((event) => event.type === "token");
          expect(tokens.map(({ i }) => i)).toEqual(tokens.map((_, index) => index));
        }),
        { numRuns: 400 },
      );
    });

    test("an answer in one piece as well", () => {
      fc.assert(
        fc.property(tree, (value) => {
          const answer: unknown = JSON.parse(JSON.stringify(value));
          try {
            const events = dialect.decodeAnswer?.(answer, { jobId: "a", request: undefined }) ?? [];
            for (const event of events) expect(parseEvent(event)).toEqual(event);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidEventError);
          }
        }),
        { numRuns: 400 },
      );
    });
  },
);

test("a recorded stream with one byte changed gives valid events, or a problem", () => {
  const chosen = STREAMS.filter((_, index) => index % 8 === 0);
  fc.assert(
    fc.property(fc.constantFrom(...chosen), fc.nat(), fc.integer({ min: 1, max: 255 }), (job, place, change) => {
      const content = Buffer.from(job.transcript.content);
      const at = place % content.length;
      content[at] = (content[at] ?? 0) ^ change;
      for (const event of decode(job.dialect, [content]).events) expect(parseEvent(event)).toEqual(event);
    }),
    { numRuns: 300 },
  );
});
