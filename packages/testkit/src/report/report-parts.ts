import { checkResults } from "../load/check-results.js";
import type { LimitsVerdict, RunComparison, StoredLoadResult } from "../load/index.js";
import type { MemoryRecord } from "../memory/index.js";
import {
  checkedBy,
  custom,
  defineOptions,
  durationMs,
  flag,
  group,
  integer,
  isRecord,
  listOf,
  number,
  oneOf,
  orNull,
  required,
  resolveOptions,
  text,
  withDefault,
  type AnyOption,
  type Option,
  type OptionsOf,
} from "../options/index.js";
import type {
  ReportProvenance,
  ReportRequests,
  ReportVerdict,
  ReportWorker,
  ReportWorkload,
  VerdictFigure,
} from "./run-report.js";
import { WORST_FIRST } from "./worst-first.js";

/** Any text, because models and servers write some of them. */
const anyText = custom<string>("a string", (value) => typeof value === "string");

const COUNT = integer([0, Number.MAX_SAFE_INTEGER]);

const anyNumber = custom<number>("a number", (value) => typeof value === "number" && Number.isFinite(value));

const FIGURE = defineOptions({
  label: required(anyText),
  metric: required(anyText),
  statistic: required(anyText),
  unit: required(anyText),
  value: withDefault(orNull(anyNumber), null),
  against: required(oneOf(["at most", "at least", "baseline"])),
  bound: withDefault(orNull(anyNumber), null),
  worseBy: orNull(anyNumber),
  tolerance: anyNumber,
}) satisfies Record<keyof VerdictFigure, AnyOption>;

const VERDICT = defineOptions({
  group: required(anyText),
  name: required(anyText),
  status: required(oneOf(WORST_FIRST)),
  message: required(anyText),
  expected: withDefault(orNull(anyText), null),
  actual: withDefault(orNull(anyText), null),
  /** The numbers behind it. */
  figure: group(FIGURE),
}) satisfies Record<keyof ReportVerdict, AnyOption>;

const WORKER = defineOptions({
  workerId: orNull(anyText),
  baseUrl: orNull(anyText),
  command: orNull(anyText),
  pid: orNull(integer([1, Number.MAX_SAFE_INTEGER])),
  readyAfterMs: orNull(durationMs({ orZero: true })),
}) satisfies Record<keyof ReportWorker, AnyOption>;

const WORKLOAD = defineOptions({
  prompts: required(orNull(group(defineOptions({ file: required(anyText), count: required(COUNT) })))),
  promptWords: required(orNull(anyText)),
  outputTokens: required(anyText),
  prefixShare: required(number([0, 1])),
  turns: required(COUNT),
  chatTemplate: required(anyText),
}) satisfies Record<keyof ReportWorkload, AnyOption>;

const REQUESTS = defineOptions({
  dialect: required(anyText),
  recognizedBy: withDefault(orNull(anyText), null),
  model: withDefault(orNull(anyText), null),
  maxTokens: required(COUNT),
  workload: group(WORKLOAD),
  ignoreEos: required(group(defineOptions({ sent: required(flag()), reason: required(anyText) }))),
  okCount: required(COUNT),
  fullLengthCount: required(COUNT),
}) satisfies Record<keyof ReportRequests, AnyOption>;

const PROVENANCE = defineOptions({
  command: required(anyText),
  commit: withDefault(orNull(anyText), null),
  workerVersion: withDefault(orNull(anyText), null),
  stubConfig: withDefault(orNull(custom<Readonly<Record<string, unknown>>>("an object", isRecord)), null),
}) satisfies Record<keyof ReportProvenance, AnyOption>;

const COMPARISON = defineOptions({
  /** Result of `compareRuns(baseline, load)`. */
  outcome: required(resultOf<RunComparison>("a result of compareRuns()", "metrics")),
  /** The runs of the baseline. */
  baseline: required(
    checkedBy((name, given: StoredLoadResult | readonly StoredLoadResult[]) => {
      const runs: unknown = Array.isArray(given) ? given : [given];
      checkResults(name, runs);
      return runs as unknown as readonly [StoredLoadResult, ...StoredLoadResult[]];
    }),
  ),
});

/** The parts of a report. */
export const REPORT_PARTS = defineOptions({
  /** @default "Run of " and the time */
  title: custom<string>("a string that is not empty", (value) => typeof value === "string" && value !== ""),
  /** Result of `runLoad()`. */
  load: checkedBy((name, load: StoredLoadResult) => {
    checkResults(name, [load]);
    return load;
  }),
  /** Result of `judgeLimits(load, …)`. */
  limits: resultOf<LimitsVerdict>("a result of judgeLimits()", "checks"),
  /** Result of `compareRuns(baseline, load)`, and its baseline. */
  comparison: group(COMPARISON),
  /** Result of `monitor.stop()`. */
  memory: resultOf<MemoryRecord>("a record of a memory monitor", "verdicts"),
  /** The worker of the run: individual facts, or a harness that has them. */
  worker: checkedBy((name, worker: Partial<ReportWorker>) => resolveOptions(WORKER, takeFacts(worker), name)),
  /** What the requests asked for. */
  requests: group(REQUESTS),
  /** Where the figures come from. */
  provenance: group(PROVENANCE),
  /** Your own verdicts, listed after the others. */
  verdicts: withDefault(listOf(group(VERDICT), { wanted: "a list of verdicts" }), []),
  /** Why the run is partial, if the load result does not say so itself. */
  partialReason: text({ filled: true }),
});

/** The parts of a report. Each is optional, but a report without any part proves nothing. */
export interface RunReportParts extends OptionsOf<typeof REPORT_PARTS> {}

/** The result of another function, recognized by a list that it has. */
function resultOf<T extends object>(wanted: string, list: keyof T & string): Option<T> {
  return custom<T>(wanted, (value) => isRecord(value) && Array.isArray(value[list]));
}

/** A harness has more than the facts; in a plain object, any other key is a misspelling. */
function takeFacts(worker: Partial<ReportWorker>): Partial<ReportWorker> {
  if (!isRecord(worker) || Object.getPrototypeOf(worker) === Object.prototype) return worker;
  const { workerId, baseUrl, command, pid, readyAfterMs } = worker;
  return { workerId, baseUrl, command, pid, readyAfterMs } as Partial<ReportWorker>;
}
