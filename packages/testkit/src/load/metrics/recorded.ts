import type { Distribution } from "./distribution.js";
import type { MetricDefinition } from "./metric.js";
import { METRIC_KEYS, metricOf, type LatencyMetric, type MetricKey, type RunMetric } from "./registry.js";
import type { RunFigure } from "./summarize.js";

/**
 * The figures of a run as stored in a file. A file of an older release lacks newer metrics; one of a newer release has metrics that this
 * release does not know.
 */
export interface RecordedMetrics {
  readonly latency: Readonly<Partial<Record<LatencyMetric, Distribution>>>;
  readonly figures: Readonly<Partial<Record<RunMetric, RunFigure>>>;
  /** What each number means, keyed by the `metric` stored with it. */
  readonly definitions: Readonly<Partial<Record<MetricKey, MetricDefinition>>>;
}

/** Returned in place of a number if the run was stored without the metric. */
export interface NotRecorded {
  readonly status: "not-recorded";
  readonly message: string;
}

export const NOT_RECORDED: NotRecorded = { status: "not-recorded", message: "not recorded" };

/** Whether a run has a metric. */
export function isRecorded(run: RecordedMetrics, metric: MetricKey): boolean {
  const figures = metricOf(metric).kind === "run" ? run.figures : run.latency;
  return (figures as Readonly<Record<string, unknown>>)[metric] !== undefined;
}

/** Metrics of this release that a run was stored without. */
export function findUnrecorded(run: RecordedMetrics): MetricKey[] {
  return METRIC_KEYS.filter((key) => !isRecorded(run, key));
}

/** Metrics of a stored run that this release does not know. */
export function findUnknown({ latency, figures }: RecordedMetrics): string[] {
  return [...Object.keys(latency), ...Object.keys(figures)].filter(
    (key) => !(METRIC_KEYS as readonly string[]).includes(key),
  );
}

/** Every latency of this release, then the others of the run; `undefined` for one that is not recorded. */
export function listLatencies({
  latency,
}: Pick<RecordedMetrics, "latency">): [LatencyMetric, Distribution | undefined][] {
  return listAll<LatencyMetric, Distribution>(latency, (key) => metricOf(key).kind !== "run");
}

/** The same for the figures of the whole run. */
export function listFigures({ figures }: Pick<RecordedMetrics, "figures">): [RunMetric, RunFigure | undefined][] {
  return listAll<RunMetric, RunFigure>(figures, (key) => metricOf(key).kind === "run");
}

/** Sentences about metrics that are missing from a run or unknown to this release; empty for a run of this release. */
export function describeDifferences(run: RecordedMetrics): string[] {
  const [unrecorded, unknown] = [findUnrecorded(run), findUnknown(run)];
  return [
    ...(unrecorded.length === 0
      ? []
      : [`Not recorded, because an older release wrote the run: ${unrecorded.join(", ")}.`]),
    ...(unknown.length === 0
      ? []
      : [
          `Unknown to this release, and shown as the file has it: ${unknown.join(", ")}. A newer release wrote the run.`,
        ]),
  ];
}

function listAll<Key extends MetricKey, Value>(
  recorded: Readonly<Partial<Record<Key, Value>>>,
  isWanted: (key: MetricKey) => boolean,
): [Key, Value | undefined][] {
  const keys = new Set([...METRIC_KEYS.filter(isWanted), ...(Object.keys(recorded) as Key[])]);
  return [...keys].map((key) => [key as Key, recorded[key as Key]]);
}
