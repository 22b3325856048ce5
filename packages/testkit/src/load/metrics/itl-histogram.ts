import type * as Hdr from "hdr-histogram-js";
import { describePercentiles, round, type Distribution } from "./distribution.js";
import { inflateHistogram } from "./inflate-histogram.js";

const HIGHEST_US = 3_600_000_000;
const DIGITS = 3;
const SHAPE = { digits: DIGITS, highestValue: HIGHEST_US, bucketCount: 23_552 } as const;

/** The library has this function, but its types lack it. */
interface Decoder {
  readonly decode: (bytes: Uint8Array, bitBucketSize: 32) => Hdr.Histogram;
}

/** The histogram of all inter-token latencies in a result: HdrHistogram's V2 format, compressed, base64; the unit is 1 µs. */
export interface EncodedHistogram {
  readonly encoding: "hdr-v2-deflate-base64";
  readonly unitMs: 0.001;
  readonly data: string;
}

/**
 * Inter-token latencies of many requests: too many to keep individually. Three significant digits, up to an hour; histograms of several
 * processes or runs merge without loss.
 */
export class ItlHistogram {
  readonly #library: typeof Hdr;
  readonly #histogram: Hdr.Histogram;

  private constructor(library: typeof Hdr, histogram: Hdr.Histogram) {
    this.#library = library;
    this.#histogram = histogram;
  }

  /** Loads the library, which takes 80 ms, and creates an empty histogram. */
  static async create(): Promise<ItlHistogram> {
    const library = await import("hdr-histogram-js");
    const options = { highestTrackableValue: HIGHEST_US, numberOfSignificantValueDigits: DIGITS } as const;
    return new ItlHistogram(library, library.build({ ...options, bitBucketSize: 32, useWebAssembly: false }));
  }

  /** Reads a histogram from a result. Throws if it is not in our format, or would inflate to more than the largest possible one. */
  static async decode({ data }: EncodedHistogram): Promise<ItlHistogram> {
    const library = await import("hdr-histogram-js");
    const { decode } = library.JsHistogram as unknown as Decoder;
    return new ItlHistogram(library, decode(inflateHistogram(data, SHAPE), 32));
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Adds one inter-token latency in ms. */
  add(itlMs: number): void {
    this.#histogram.recordValue(Math.min(HIGHEST_US, Math.max(0, Math.round(itlMs * 1000))));
  }

  /** Adds all values of another histogram. */
  merge(other: ItlHistogram): void {
    this.#histogram.add(other.#histogram);
  }

  /** The quantile in ms, within 0.1 %. @param share 0..1 */
  quantile(share: number): number {
    return this.#histogram.getValueAtPercentile(share * 100) / 1000;
  }

  describe(): Distribution {
    const { totalCount: count, mean, maxValue, minNonZeroValue } = this.#histogram;
    const isEmpty = count === 0;
    const min = this.#histogram.getValueAtPercentile(0) === 0 ? 0 : minNonZeroValue;
    return {
      metric: "itl",
      unit: "ms",
      count,
      estimatedCount: 0,
      min: isEmpty ? null : round(min / 1000),
      mean: isEmpty ? null : round(mean / 1000),
      max: isEmpty ? null : round(maxValue / 1000),
      percentiles: describePercentiles(count, (share) => this.quantile(share)),
    };
  }

  encode(): EncodedHistogram {
    const data = this.#library.encodeIntoCompressedBase64(this.#histogram);
    return { encoding: "hdr-v2-deflate-base64", unitMs: 0.001, data };
  }
}
