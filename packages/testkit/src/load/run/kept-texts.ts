import type { ExecuteBody } from "../../client/index.js";
import type { JobOutcome } from "../../jobs/index.js";
import { round } from "../metrics/distribution.js";
import type { RequestRecord } from "../metrics/request-record.js";
import { readPrompt } from "../workload.js";
import { contentArrivals } from "./to-record.js";

/** How much of the texts of a run is kept, in characters. */
export const KEPT_LENGTHS = { prompt: 8_000, output: 16_000, whole: 16_000_000 } as const;
/** Arrivals of content that are kept of one request. */
const MOST_ARRIVALS = 4_000;
/** What an arrival counts for in the whole. */
const ARRIVAL_LENGTH = 8;
/** The rest of the whole is for requests that are not ok: they are the ones that are looked at. */
const SHARE_OF_OK = 0.5;

/** What was sent and received in one request. */
export interface KeptRequest {
  readonly index: number;
  /** The prompt, or the messages as JSON. */
  readonly prompt: string;
  /** Characters of the prompt that were cut off. */
  readonly promptCutLength: number;
  readonly output: string;
  readonly outputCutLength: number;
  /** When each piece of content arrived, in ms from the start of the phase; the first 4,000. */
  readonly contentAtMs: readonly number[];
  /** Of a conversation, from 0; the requests of a whole run have numbers of their own instead. */
  readonly turn?: number | undefined;
}

/** The texts of a run, kept on request, within limits. */
export interface KeptTexts {
  readonly requests: readonly KeptRequest[];
  /** Requests whose texts were left out, because those of the run would be too long. */
  readonly leftOutCount: number;
}

/** Which request of a phase it was. */
interface Place extends Pick<RequestRecord, "index" | "turn"> {
  /** When the phase began. */
  readonly startAtMs: number;
}

/** Keeps the texts of the requests of one client, up to a length. */
export class TextKeeper {
  readonly #length: number;
  readonly #requests: KeptRequest[] = [];
  #used = 0;
  #leftOutCount = 0;

  /** @param length of all texts together, in characters. */
  constructor(length: number) {
    this.#length = length;
  }

  keep(body: ExecuteBody, outcome: JobOutcome, place: Place): void {
    const kept = describeTexts(body, outcome, place);
    const length = kept.prompt.length + kept.output.length + ARRIVAL_LENGTH * kept.contentAtMs.length;
    const limit = outcome.status === "ok" ? this.#length * SHARE_OF_OK : this.#length;
    if (this.#used + length > limit) {
      this.#leftOutCount += 1;
      return;
    }
    this.#used += length;
    this.#requests.push(kept);
  }

  get texts(): KeptTexts {
    return { requests: this.#requests, leftOutCount: this.#leftOutCount };
  }
}

/** One phase: its texts, and its records in the order in which they follow one another in the run. */
interface PhaseTexts {
  readonly texts: readonly KeptTexts[];
  readonly records: readonly Pick<RequestRecord, "index" | "turn">[];
  /** Where it begins in the run. */
  readonly offsetMs: number;
}

/** The texts of all clients and phases, with the numbers and the times of the run. @param records of the run, in the order of the phases. */
export function joinTexts(
  phases: readonly PhaseTexts[],
  records: readonly Pick<RequestRecord, "index">[],
): KeptTexts | undefined {
  const all = phases.flatMap(({ texts }) => texts);
  if (all.length === 0) return undefined;
  let position = 0;
  const requests = phases.flatMap(({ texts, records: own, offsetMs }) => {
    const numbers = new Map(own.map((record) => [keyOf(record), records[position++]?.index ?? record.index]));
    return texts
      .flatMap((kept) => kept.requests)
      .map(({ turn, ...kept }) => ({
        ...kept,
        index: numbers.get(keyOf({ index: kept.index, turn })) ?? kept.index,
        contentAtMs: kept.contentAtMs.map((atMs) => round(atMs + offsetMs)),
      }));
  });
  return {
    requests: requests.sort((a, b) => a.index - b.index),
    leftOutCount: all.reduce((sum, { leftOutCount }) => sum + leftOutCount, 0),
  };
}

function keyOf({ index, turn = 0 }: Pick<RequestRecord, "index" | "turn">): string {
  return `${index}.${turn}`;
}

function describeTexts(body: ExecuteBody, { stream }: JobOutcome, { index, turn, startAtMs }: Place): KeptRequest {
  const prompt = cut(readPrompt(body), KEPT_LENGTHS.prompt);
  const pieces = (stream?.events ?? []).flatMap((event) => (event.type === "token" ? [event.t] : []));
  const output = cut(pieces.join(""), KEPT_LENGTHS.output);
  const times = stream === undefined ? [] : contentArrivals(stream).slice(0, MOST_ARRIVALS);
  return {
    index,
    prompt: prompt.text,
    promptCutLength: prompt.cutLength,
    output: output.text,
    outputCutLength: output.cutLength,
    contentAtMs: times.map((atMs) => round(atMs - startAtMs)),
    ...(turn !== undefined && { turn }),
  };
}

function cut(text: string, length: number): { text: string; cutLength: number } {
  return { text: text.slice(0, length), cutLength: Math.max(0, text.length - length) };
}
