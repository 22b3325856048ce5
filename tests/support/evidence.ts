import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import {
  assertEventOrder,
  assertStopReason,
  assertSuccessfulCompletion,
  assertTokenCount,
  extractEndEvent,
  extractText,
  type CollectedStream,
} from "inference-testkit";

const ASSERTIONS: readonly ((stream: CollectedStream) => unknown)[] = [
  assertEventOrder,
  assertSuccessfulCompletion,
  (stream) => assertTokenCount(stream, 2),
  (stream) => assertTokenCount(stream, { min: 1_000 }),
  (stream) => assertStopReason(stream, "max_tokens"),
  (stream) => assertStopReason(stream, "stop_sequence", { sequence: "}" }),
  extractEndEvent,
  extractText,
];

/** The result of every assertion about a stream: its return value, or its error. */
function verdictsOf(stream: CollectedStream): unknown[] {
  return ASSERTIONS.map((assertion) => {
    try {
      return assertion(stream);
    } catch (error) {
      return (error as Error).message;
    }
  });
}

/** A stream without what differs between a live and a replayed one: the zero of its clock, and the identity of the error behind it. */
function comparable(stream: CollectedStream): unknown {
  const { events, terminal, bytes, commentCount, ignoredLineCount, unterminatedBytes, unterminatedText, retryMs } =
    stream;
  const { invalidUtf8Count, bodyEnd } = stream;
  const { cause, ...outcome } = { cause: undefined, ...stream.outcome };
  const error = cause as Error | undefined;
  const facts = {
    bytes,
    commentCount,
    ignoredLineCount,
    unterminatedBytes,
    unterminatedText,
    retryMs,
    invalidUtf8Count,
    bodyEnd,
  };
  return { events, terminal, facts, outcome, cause: error && [error.name, error.message] };
}

/** How long after the request everything arrived, in ms. */
function timesOf({ arrivals, sentAtMs, startedAtMs, endedAtMs }: CollectedStream): number[] {
  return [...arrivals, startedAtMs, endedAtMs].map((atMs) => atMs - (sentAtMs ?? 0));
}

/** Every file of a folder, and its name, as one text. */
export async function readWhole(folder: string): Promise<string> {
  const names = await readdir(folder);
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return [...names, ...contents].join("\n");
}

/** Expects the same stream, told the same way, at the same times. */
export function expectSame(replayed: CollectedStream, live: CollectedStream): void {
  expect(comparable(replayed)).toEqual(comparable(live));
  expect(verdictsOf(replayed)).toEqual(verdictsOf(live));
  const times = timesOf(live);
  const differences = timesOf(replayed).map((atMs, index) => Math.abs(atMs - (times[index] ?? NaN)));
  expect(differences.filter((difference) => !(difference < 0.005))).toEqual([]);
}
