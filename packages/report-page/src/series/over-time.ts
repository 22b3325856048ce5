import { countTokens, type RequestRecord } from "../testkit.js";

/** The run in buckets of equal length. */
export interface OverTime {
  readonly widthMs: number;
  /** Middle of each bucket, in ms from the start of the phase. */
  readonly atMs: readonly number[];
  /** Requests per second by send. */
  readonly sentPerSec: readonly number[];
  /** ok requests per second by close. */
  readonly okPerSec: readonly number[];
  /** Requests that are not ok per second, by close. */
  readonly failedPerSec: readonly number[];
  /** Tokens of ok requests per second, spread evenly from the first to the last content. */
  readonly tokensPerSec: readonly number[];
  /** Time-weighted mean of the requests in flight. */
  readonly concurrency: readonly number[];
}

const WIDTHS_MS = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
const MOST_BUCKETS = 120;
const LEAST_BUCKETS = 20;
/** With fewer requests in a bucket, its rates are noise. */
const REQUESTS_IN_BUCKET = 5;

/** Splits a run into at most 120 buckets of a round length, with about five requests or more in each if 20 buckets are left. @param scale number of requests that each record represents. */
export function describeOverTime(
  records: readonly RequestRecord[],
  { durationMs, scale = 1 }: { durationMs: number; scale?: number },
): OverTime {
  const most = Math.min(MOST_BUCKETS, Math.max(LEAST_BUCKETS, records.length / REQUESTS_IN_BUCKET));
  const widthMs = WIDTHS_MS.find((width) => durationMs / width <= most) ?? durationMs / most;
  const count = Math.max(1, Math.ceil(durationMs / widthMs));
  const buckets = new TimeBuckets(count, widthMs);
  const [sent, ok, failed, tokens, busy] = [buckets.row(), buckets.row(), buckets.row(), buckets.row(), buckets.row()];
  for (const record of records) {
    buckets.count(sent, record.sendMs);
    buckets.count(record.status === "ok" ? ok : failed, record.closeMs);
    buckets.spread(busy, { fromMs: record.sendMs, toMs: record.closeMs, amount: record.closeMs - record.sendMs });
    if (record.status !== "ok" || record.firstMs === null || record.lastMs === null) continue;
    buckets.spread(tokens, { fromMs: record.firstMs, toMs: record.lastMs, amount: countTokens(record).count });
  }
  const perSec = (row: Float64Array) => Array.from(row, (value) => (value * scale * 1000) / widthMs);
  return {
    widthMs,
    atMs: Array.from({ length: count }, (_, index) => (index + 0.5) * widthMs),
    sentPerSec: perSec(sent),
    okPerSec: perSec(ok),
    failedPerSec: perSec(failed),
    tokensPerSec: perSec(tokens),
    concurrency: Array.from(busy, (value) => (value * scale) / widthMs),
  };
}

class TimeBuckets {
  readonly #count: number;
  readonly #widthMs: number;

  constructor(count: number, widthMs: number) {
    this.#count = count;
    this.#widthMs = widthMs;
  }

  row(): Float64Array {
    return new Float64Array(this.#count);
  }

  count(row: Float64Array, atMs: number): void {
    const index = this.#indexOf(atMs);
    row[index] = (row[index] ?? 0) + 1;
  }

  /** Spreads an amount evenly over a span of time. */
  spread(row: Float64Array, { fromMs, toMs, amount }: { fromMs: number; toMs: number; amount: number }): void {
    const [first, last] = [this.#indexOf(fromMs), this.#indexOf(toMs)];
    const lengthMs = toMs - fromMs;
    for (let index = first; index <= last; index += 1) {
      const overlapMs = Math.min(toMs, (index + 1) * this.#widthMs) - Math.max(fromMs, index * this.#widthMs);
      const share = first === last || lengthMs <= 0 ? 1 : Math.max(0, overlapMs) / lengthMs;
      row[index] = (row[index] ?? 0) + amount * share;
    }
  }

  #indexOf(atMs: number): number {
    return Math.min(this.#count - 1, Math.max(0, Math.floor(atMs / this.#widthMs)));
  }
}
