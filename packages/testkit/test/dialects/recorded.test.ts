import { describe, expect, test } from "vitest";
import { describeOutcome, extractText } from "../../src/events/index.js";
import { findOrderViolation } from "../../src/events/order.js";
import { collect, decode, findMessageEnds, JOBS, STREAMS, type RecordedJob } from "./support.js";

/** Streams up to this size are cut at every byte, longer ones at that many seeded places. */
const MOST_CUTS = 300;

async function describeJob({ transcript, dialect }: RecordedJob): Promise<string> {
  const { server, case: name, status, content, headers } = transcript;
  const what = `${server} ${name} (${dialect.name})`;
  if (status !== 200) {
    const { code, message, retriable } = dialect.decodeError?.({ status, body: parseOrKeep(content.toString()) }) ?? {};
    return `${what}: ${status} ${code} ${JSON.stringify(message)}${retriable === true ? " retriable" : ""}`;
  }
  if (/^application\/json/.test(headers["content-type"] ?? "")) {
    const answer = JSON.parse(content.toString()) as unknown;
    try {
      const events = dialect.decodeAnswer?.(answer, { jobId: "job-1", request: undefined }) ?? [];
      return `${what}: whole ${JSON.stringify(extractText(events))} ${JSON.stringify(events.at(-1))}`;
    } catch (error) {
      return `${what}: whole, invalid: ${(error as Error).message}`;
    }
  }
  const stream = await collect(dialect, content);
  const tokens = stream.events.filter(({ type }) => type === "token").length;
  const { terminal, outcome } = stream;
  const end = terminal === undefined ? describeOutcome(outcome) : JSON.stringify(terminal);
  return `${what}: ${stream.outcome.status} ${tokens} ${JSON.stringify(extractText(stream))} ${end}`;
}

function parseOrKeep(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Numbers below `count`, the same for the same seed. */
function drawCuts(size: number, seed: number): number[] {
  if (size <= MOST_CUTS) return Array.from({ length: size }, (_, index) => index);
  let state = seed;
  const draw = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31);
  return Array.from({ length: MOST_CUTS }, () => draw() % size);
}

test("every recorded answer of a real server decodes to what it says", async () => {
  const lines = await Promise.all(JOBS.map(describeJob));

  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("transcripts/expected.txt");
  expect(JOBS.length).toBeGreaterThan(120);
});

describe.each(STREAMS.map((job) => [`${job.transcript.server} ${job.transcript.case}`, job] as const))(
  "%s",
  (name, { transcript, dialect }) => {
    const { content } = transcript;

    test("gives the same events however its bytes are cut", () => {
      const whole = decode(dialect, [content]);

      for (const at of drawCuts(content.length, name.length)) {
        expect(decode(dialect, [content.subarray(0, at), content.subarray(at)]), `cut at ${at}`).toEqual(whole);
      }
      expect(
        decode(
          dialect,
          Array.from(content, (byte) => Uint8Array.of(byte)),
        ),
      ).toEqual(whole);
    });

    test("is never complete if it ends after an earlier message", async () => {
      const ends = findMessageEnds(transcript);
      const { outcome } = await collect(dialect, content);

      for (const end of [0, ...ends.slice(0, -1)]) {
        const cut = await collect(dialect, content.subarray(0, end));
        expect(cut.outcome.status, `cut at ${end}`).not.toBe("complete");
        if (outcome.status === "complete") expect(cut.outcome.status, `cut at ${end}`).toBe("truncated");
      }
    });

    test("has its events in order", async () => {
      const stream = await collect(dialect, content);

      expect(stream.events[0]).toEqual({ type: "started" });
      expect(findOrderViolation(stream)?.rule).toBe(
        stream.outcome.status === "complete" || stream.outcome.status === "worker-error" ? undefined : "no-terminal",
      );
    });
  },
);

describe.each(["openai-chat", "openai-completions", "openai-responses", "anthropic", "llama-cpp", "ollama"])(
  "a stream of %s",
  (name) => {
    test("gives the same events cut at every byte", () => {
      const [job] = STREAMS.filter(({ dialect, transcript }) => dialect.name === name && transcript.isWhole);
      const { transcript, dialect } = job as RecordedJob;
      const whole = decode(dialect, [transcript.content]);
      for (let at = 1; at < transcript.content.length; at += 1) {
        const halves = [transcript.content.subarray(0, at), transcript.content.subarray(at)];
        expect(decode(dialect, halves), `cut at ${at}`).toEqual(whole);
      }
      expect(whole.problem).toBeUndefined();
    });
  },
);
