/** Upper bounds of the latency histograms, in milliseconds. */
const LATENCY_BUCKETS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000];

/** A counter, split by the value of one label. */
export class LabelledCounter {
  readonly #values = new Map<string, number>();

  constructor(labels: readonly string[]) {
    for (const label of labels) this.#values.set(label, 0);
  }

  increment(label: string): void {
    this.#values.set(label, (this.#values.get(label) ?? 0) + 1);
  }

  entries(): Iterable<[string, number]> {
    return this.#values;
  }
}

/** A histogram of milliseconds with fixed buckets. */
export class LatencyHistogram {
  readonly #counts = new Array<number>(LATENCY_BUCKETS_MS.length).fill(0);
  #count = 0;
  #sum = 0;

  observe(valueMs: number): void {
    this.#count++;
    this.#sum += valueMs;
    const bucket = LATENCY_BUCKETS_MS.findIndex((bound) => valueMs <= bound);
    if (bucket !== -1) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** The samples of the text format; bucket counts are cumulative. */
  render(name: string): string[] {
    let cumulative = 0;
    const buckets = LATENCY_BUCKETS_MS.map((bound, index) => {
      cumulative += this.#counts[index] ?? 0;
      return `${name}_bucket{le="${bound}"} ${cumulative}`;
    });
    return [
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#count}`,
      `${name}_sum ${this.#sum}`,
      `${name}_count ${this.#count}`,
    ];
  }
}

/** A metric family: name, type, help text and samples. */
export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly string[];
}

/** Writes a family in the Prometheus text format 0.0.4. */
export function renderFamily({ name, type, help, samples }: MetricFamily): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples, ""].join("\n");
}
