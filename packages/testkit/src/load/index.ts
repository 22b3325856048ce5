export type { Fingerprint, GivenFacts } from "./machine.js";
export type { LoadWindow } from "./metrics/concurrency.js";
export type { Distribution, PercentileKey, PercentileValue } from "./metrics/distribution.js";
export { ItlHistogram, type EncodedHistogram } from "./metrics/itl-histogram.js";
export type { JudgedFrom } from "./metrics/judged-from.js";
export type { Metric, MetricDefinition, Statistic } from "./metrics/metric.js";
export type { NotRecorded, RecordedMetrics } from "./metrics/recorded.js";
export {
  METRIC_DEFINITIONS,
  METRICS,
  type LatencyMetric,
  type MetricKey,
  type RequestMetric,
  type RunMetric,
} from "./metrics/registry.js";
export { collectValues, measureRequest } from "./metrics/request-metrics.js";
export type { RequestRecord } from "./metrics/request-record.js";
export type { RequestSlo } from "./metrics/slo.js";
export type { LoadSummary, RunFigure, StatusCounts } from "./metrics/summarize.js";
export type {
  EndReason,
  LoadPlan,
  LoadResult,
  RateReport,
  StoredLoadResult,
  TokenCheck,
  WarmupReport,
} from "./result.js";
export type { ClientLoad } from "./run/client-watch.js";
export type { LoadTarget } from "./run/load-target.js";
export type { LoadOptions } from "./run/options.js";
export { LoadProgressFailedError, type LoadProgress } from "./run/progress.js";
export type { LoadRequests } from "./run/request-source.js";
export { runLoad } from "./run-load.js";
export type { Arrival } from "./schedule/arrivals.js";
export { planLoad, type LoadSchedule } from "./schedule/plan-load.js";
export type { ArrivalProfile, ClosedProfile, LoadProfile, LoadStage, OpenProfile } from "./schedule/profile.js";
export type { StopRule } from "./schedule/stop.js";
export { shiftBetween } from "./stats/hodges-lehmann.js";
export { rankTest, type RankTest } from "./stats/mann-whitney.js";
export { sampleFloor, type NotEnoughSamples } from "./stats/sample-floor.js";
export { assertMeets } from "./verdict/assert-meets.js";
export type { MetricComparison } from "./verdict/compare-metric.js";
export type { CompareOptions } from "./verdict/compare-options.js";
export { compareRuns, type RunComparison } from "./verdict/compare-runs.js";
export { interleave, type InterleavedRuns, type InterleaveOptions, type RunOnce } from "./verdict/interleave.js";
export { judgeLimits, type LimitCheck, type LimitsVerdict } from "./verdict/judge-limits.js";
export type { LatencyLimits, RunLimits } from "./verdict/run-limits.js";
export type { SampleKind } from "./verdict/run-samples.js";
export type { InvalidReason, InvalidReasonCode, ValidityVerdict } from "./verdict/validity-verdict.js";
