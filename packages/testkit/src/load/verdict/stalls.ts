import { SHORTEST_GAP_MS, type ProgressGap } from "../metrics/progress-timeline.js";
import type { RequestRecord } from "../metrics/request-record.js";

/** What decides whether a time without progress is a stall. */
export const STALL_BOUNDS = {
  shortestMs: 1_000,
  /** Times the typical gap of the rest of the run. */
  typicalGaps: 3,
  /** Times the TTFT that nine of ten other requests stay below. */
  ttfts: 2,
  /** Stalls may take this share of the run. */
  shareOfRun: 0.01,
} as const;

/** The server made no progress with any request that was in flight. */
export interface Stall {
  /** From the start of the measured phase, to 10 ms. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Requests that were in flight. */
  readonly heldCount: number;
  /** How long such a time may be in this run. */
  readonly limitMs: number;
}

/** What a phase shows about progress. */
export interface StallFacts {
  readonly records: readonly RequestRecord[];
  /** The times in which no client received anything. */
  readonly gaps: readonly ProgressGap[];
  /** The longest delay of the client's own event loop: it received nothing meanwhile. */
  readonly clientDelayMs: number;
}

/**
 * The stalls of a closed loop. A gap is one if it is longer than a second, than three times the gap in which the rest of the run spent
 * half of its time, and than twice the p90 of the TTFT of all other requests, so that a server that is slow throughout has none.
 *
 * Not judged: the time before the first answer, which shows no pace yet; and a single request that waits for its first token, because a
 * long prompt looks the same.
 */
export function findStalls(facts: StallFacts): Stall[] {
  const pace = new Pace(facts);
  return facts.gaps.flatMap((gap) => {
    if (gap.fromMs === 0 || gap.toMs - gap.fromMs <= STALL_BOUNDS.shortestMs) return [];
    const stall = judgeGap(gap, facts, pace);
    return stall === undefined ? [] : [stall];
  });
}

function judgeGap(gap: ProgressGap, { records, clientDelayMs }: StallFacts, pace: Pace): Stall | undefined {
  const held = records.filter(({ sendMs, closeMs }) => sendMs < gap.toMs && closeMs > gap.fromMs);
  const { startMs, endMs } = boundGap(gap, held);
  const durationMs = endMs - startMs;
  const ownMs = durationMs - clientDelayMs;
  const shortestMs = Math.max(STALL_BOUNDS.shortestMs, STALL_BOUNDS.typicalGaps * pace.typicalGapWithout(gap));
  if (ownMs <= shortestMs || isLonePrefill(held, endMs)) return undefined;
  const limitMs = Math.max(shortestMs, STALL_BOUNDS.ttfts * findHighTtft(records, new Set(held)));
  if (ownMs <= limitMs) return undefined;
  const [start, duration, limit] = [startMs, durationMs, limitMs].map(Math.round) as [number, number, number];
  return { startMs: start, durationMs: duration, heldCount: held.length, limitMs: limit };
}

/** The part of a gap in which a request was in flight. */
function boundGap({ fromMs, toMs }: ProgressGap, held: readonly RequestRecord[]) {
  const sentMs = held.reduce((least, { sendMs }) => Math.min(least, sendMs), Infinity);
  const closedMs = held.reduce((most, { closeMs }) => Math.max(most, closeMs), -Infinity);
  return { startMs: Math.max(fromMs, sentMs), endMs: Math.min(toMs, closedMs) };
}

function isLonePrefill(held: readonly RequestRecord[], endMs: number): boolean {
  const [only, ...others] = held;
  return others.length === 0 && (only?.firstMs ?? Infinity) >= endMs;
}

/** The p90 of the requests that were not held. */
function findHighTtft(records: readonly RequestRecord[], held: ReadonlySet<RequestRecord>): number {
  const ttfts = records
    .flatMap((record) => {
      const { status, firstMs, sendMs } = record;
      return status === "ok" && firstMs !== null && !held.has(record) ? [firstMs - sendMs] : [];
    })
    .sort((a, b) => a - b);
  return ttfts[Math.floor(0.9 * (ttfts.length - 1))] ?? 0;
}

/** How long the gaps of a run are. */
class Pace {
  readonly #totalMs: number;
  readonly #listedMs: number;
  /** In ascending order. */
  readonly #lengths: readonly number[];
  /** The time that was spent in gaps up to each of them, the short ones that are not listed included. */
  readonly #spentMs: readonly number[];

  constructor({ records, gaps }: Pick<StallFacts, "records" | "gaps">) {
    this.#totalMs = records.reduce((most, { closeMs }) => Math.max(most, closeMs), 0);
    const listed = gaps.filter(({ toMs }) => toMs <= this.#totalMs);
    this.#lengths = listed.map(lengthOf).sort((a, b) => a - b);
    this.#listedMs = this.#lengths.reduce((sum, length) => sum + length, 0);
    let spentMs = this.#totalMs - this.#listedMs;
    this.#spentMs = this.#lengths.map((length) => (spentMs += length));
  }

  /** The gap in which the rest of the time was spent half: at a random moment, the gap is as likely longer as shorter. */
  typicalGapWithout(gap: ProgressGap): number {
    const ownMs = Math.min(lengthOf(gap), this.#totalMs - gap.fromMs);
    const isListed = gap.toMs <= this.#totalMs;
    const halfMs = (this.#totalMs - ownMs) / 2;
    const spentUpTo = (index: number): number => {
      const isCounted = isListed && (this.#lengths[index] ?? 0) >= ownMs;
      return (this.#spentMs[index] ?? 0) - (isCounted ? ownMs : 0);
    };
    if (this.#totalMs - this.#listedMs >= halfMs) return SHORTEST_GAP_MS;
    return this.#lengths[findFirst(this.#lengths.length, (index) => spentUpTo(index) >= halfMs)] ?? SHORTEST_GAP_MS;
  }
}

/** The first index for which it is true; it stays true after that. */
function findFirst(count: number, isReached: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function lengthOf({ fromMs, toMs }: ProgressGap): number {
  return toMs - fromMs;
}
