/**
 * What the page shares with the testkit: the types of a report, the registry of metrics, and how figures are written. No other file of the page
 * imports the testkit. Only modules that run in a browser may stand here.
 */
export {
  PERCENTILE_KEYS,
  percentileLabel,
  type Distribution,
  type PercentileKey,
} from "../../testkit/src/load/metrics/distribution.js";
export { judgedMetric } from "../../testkit/src/load/metrics/judged-from.js";
export type { MetricDefinition } from "../../testkit/src/load/metrics/metric.js";
export {
  describeDifferences,
  listLatencies,
  NOT_RECORDED,
  type RecordedMetrics,
} from "../../testkit/src/load/metrics/recorded.js";
export {
  LATENCY_METRICS,
  METRIC_DEFINITIONS,
  metricOf,
  nameStatistic,
  REQUEST_METRICS,
  RUN_METRICS,
  type LatencyMetric,
  type MetricKey,
  type RequestMetric,
  type RunMetric,
} from "../../testkit/src/load/metrics/registry.js";
export { collectValues, measureRequest } from "../../testkit/src/load/metrics/request-metrics.js";
export { countTokens, type RequestRecord } from "../../testkit/src/load/metrics/request-record.js";
export type { KeptRequest } from "../../testkit/src/load/run/kept-texts.js";
export { isMovedUnproven } from "../../testkit/src/load/verdict/observed.js";
export type { RunFigure } from "../../testkit/src/load/metrics/summarize.js";
export { describeOffered, type LoadResponse, type LoadStep } from "../../testkit/src/load/response/load-response.js";
export type { MetricComparison } from "../../testkit/src/load/verdict/compare-metric.js";
export type { LeakVerdict } from "../../testkit/src/memory/leak/verdict.js";
export type { MemoryRecord, MemorySourceInfo } from "../../testkit/src/memory/record.js";
export type { MemorySourceName } from "../../testkit/src/memory/sources/registry.js";
export {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatP,
  formatShare,
  formatValue,
  plural,
} from "../../testkit/src/numbers/index.js";
export { describeAnswerLength } from "../../testkit/src/report/answer-length.js";
export { describeCurve } from "../../testkit/src/report/curve.js";
export type { ErrorGroup } from "../../testkit/src/report/error-groups.js";
export type { PageData, PageLoad } from "../../testkit/src/report/html/page-data.js";
export type { ComparedSide, ComparisonPageData, RunDots } from "../../testkit/src/report/comparison/comparison-data.js";
export { describeResponseTable } from "../../testkit/src/report/response-table.js";
export { unpackRecords } from "../../testkit/src/report/html/records.js";
export { WORST_FIRST, worstFirst } from "../../testkit/src/report/worst-first.js";
export type { Headline } from "../../testkit/src/report/headline.js";
export type { CurvePoint, ReportComparison, ReportStatus, ReportVerdict } from "../../testkit/src/report/run-report.js";
export { toVisibleText } from "../../testkit/src/terminal/visible-text.js";
export type {
  CheckStatus,
  ConformanceComparison,
  Coverage,
} from "../../testkit/src/conformance/report/conformance-report.js";
export type { PageCheck, PageExchange } from "../../testkit/src/conformance/report/html/cut-evidence.js";
export type { ConformancePageData } from "../../testkit/src/conformance/report/html/to-html.js";
export { describeCoverage, MARKS } from "../../testkit/src/conformance/report/marks.js";
export type { RecordedFault } from "../../testkit/src/evidence/format.js";
export type {
  EvidencePageData,
  PageBody,
  PageBundle,
  PageRequest,
  PageRun,
  PageStatus,
  PageStop,
  PageTest,
  PageTestStatus,
  PageWorker,
} from "../../testkit/src/viewer/page-data.js";
export { toCurl, toStartCommand, toTest } from "../../testkit/src/viewer/reproduce.js";
