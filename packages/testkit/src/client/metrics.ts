import { InvalidResponseError } from "../errors/index.js";

/** One sample of the Prometheus text format. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
/** Sticky: searching from every position of a line would take time quadratic in its length. */
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)/gy;
const SPECIAL_VALUES: Readonly<Record<string, number>> = { NaN, "+Inf": Infinity, "-Inf": -Infinity };

/** The answer of `GET /metrics`: the raw text and its samples. */
export class MetricsSnapshot {
  readonly text: string;
  readonly samples: readonly MetricSample[];

  constructor(text: string, samples: readonly MetricSample[]) {
    this.text = text;
    this.samples = samples;
  }

  /**
   * The value of the sample with this name and, if given, these labels; `undefined` if there is none.
   *
   * @example metrics.value("worker_slots", { state: "busy" })
   */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const wanted = Object.entries(labels);
    return this.samples.find(
      (sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value),
    )?.value;
  }
}

/**
 * Parses the Prometheus text format 0.0.4.
 *
 * @throws {INVALID_RESPONSE} naming the first line that is not a sample.
 */
export function parseMetrics(text: string): MetricsSnapshot {
  const lines = text.split("\n").map((line) => line.trim());
  return new MetricsSnapshot(text, lines.filter((line) => line !== "" && !line.startsWith("#")).map(parseSample));
}

function parseSample(line: string): MetricSample {
  const [, name, labels = "", rawValue = ""] = SAMPLE.exec(line) ?? [];
  const value = SPECIAL_VALUES[rawValue] ?? (rawValue === "" ? NaN : Number(rawValue));
  if (name === undefined || (Number.isNaN(value) && rawValue !== "NaN")) {
    throw createNoSample(line);
  }
  return { name, labels: parseLabels(labels, line), value };
}

function parseLabels(labels: string, line: string): Record<string, string> {
  if (labels.trim() === "") return {};
  const pairs = [...labels.matchAll(LABEL)];
  const parsedLength = pairs.reduce((sum, [pair]) => sum + pair.length, 0);
  if (parsedLength < labels.length) throw createNoSample(line);
  return Object.fromEntries(pairs.map(([, key = "", quoted = ""]) => [key, unescape(quoted)]));
}

function createNoSample(line: string): InvalidResponseError {
  return new InvalidResponseError({ message: `expected a Prometheus sample, got \`${line.slice(0, 200)}\`` });
}

function unescape(quoted: string): string {
  return quoted.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
