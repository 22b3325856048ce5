import { formatCount, formatMs, formatNumber, formatShare, formatValue, plural, withUnit } from "../numbers/index.js";
import { groupErrors, type ErrorGroup } from "./error-groups.js";
import type { ReportStatus, ReportVerdict, RunReport, VerdictFigure } from "./run-report.js";

/** The first line of every report: what was decided, and the facts that decided it. */
export interface Headline {
  readonly status: ReportStatus;
  /** "FAIL", "NOT COMPARABLE". */
  readonly word: string;
  /** At least one; the first is what decided. */
  readonly facts: readonly string[];
}

/** Longer reasons are in the table of verdicts. */
const LONGEST_FACT = 240;
/** Where fewer requests than this followed the last error, the errors lasted to the end. */
const SHARE_OF_END = 0.1;

/**
 * The line that a report begins with. A failed run names the limit, the value, and the most frequent error with its beginning.
 *
 * @example headlineText(describeHeadline(report)) // "FAIL  TTFT p95 4,132 ms (limit 200) · 436 of 930 QUEUE_FULL from 15 s on"
 */
export function describeHeadline(report: RunReport): Headline {
  const { status, verdicts } = report;
  const isFailed = status === "fail" && verdicts.length > 0;
  const facts = [...(isFailed ? describeFailures(report) : [describeOutcome(report)]), ...describeErrors(report)];
  return { status, word: wordOf(status), facts: facts.map(shorten) };
}

/** A headline as one line. */
export function headlineText({ word, facts }: Pick<Headline, "word" | "facts">): string {
  return `${word}  ${facts.join(" · ")}`;
}

/** A status as the first word of a line. */
export function wordOf(status: string): string {
  return status.replaceAll("-", " ").toUpperCase();
}

/** The verdict that explains most, and how many others failed. */
function describeFailures({ verdicts }: RunReport): string[] {
  const failed = verdicts.filter(({ status }) => status === "fail");
  const [lead] = [...failed].sort((a, b) => weigh(b) - weigh(a));
  if (lead === undefined) return [];
  const others = failed.length - 1;
  return [describeVerdict(lead), ...(others === 0 ? [] : [`${others} more failed`])];
}

/** A dead worker explains all else, and a latency says more than the number of errors, which has a place of its own. */
function weigh({ group, figure }: ReportVerdict): number {
  if (group === "worker") return Infinity;
  if (group === "requests") return 1e9;
  if (figure === undefined) return 0;
  if (figure.metric === "errors" || figure.metric === "errorRate") return 1;
  return (figure.against === "baseline" ? 1e3 : 1e6) + Math.min(1e5, excessOf(figure));
}

function excessOf({ against, value, bound, worseBy }: VerdictFigure): number {
  if (against === "baseline") return Math.max(0, worseBy ?? 0);
  const [more, less] = against === "at most" ? [value, bound] : [bound, value];
  return less === null || less <= 0 ? 1 : (more ?? 0) / less;
}

function describeVerdict({ group, name, message, figure }: ReportVerdict): string {
  if (figure === undefined || figure.value === null || figure.bound === null) {
    return group === "requests" || group === "worker" ? message : `${name}: ${message}`;
  }
  return figure.against === "baseline" ? describeChange(figure) : describeLimit(figure);
}

function describeLimit({ label, value, unit, against, bound }: VerdictFigure): string {
  const limit = unit === "share" ? formatShare(bound ?? NaN) : formatNumber(bound ?? NaN);
  const shown = unit === "requests" ? formatNumber(value ?? NaN) : formatFigure(value, unit);
  return `${label} ${shown} (limit ${against === "at least" ? "at least " : ""}${limit})`;
}

/** "TTFT p50 47 → 57 ms, 22 % worse than the baseline (allowed 10 %)". */
export function describeChange({ label, value, unit, bound, worseBy, tolerance }: VerdictFigure): string {
  const before = unit === "share" ? formatShare(bound ?? NaN) : formatNumber(bound ?? NaN);
  const by = worseBy === null || worseBy === undefined ? "worse" : `${formatShare(worseBy)} worse`;
  const allowed = tolerance === undefined ? "" : ` (allowed ${formatShare(tolerance)})`;
  return `${label} ${before} → ${formatFigure(value, unit)}, ${by} than the baseline${allowed}`;
}

/** Times stay in ms, so that they can be compared with their limit at a glance. */
function formatFigure(value: number | null, unit: string): string {
  return unit === "share" ? formatValue(value ?? NaN, unit) : withUnit(formatNumber(value ?? NaN), unit);
}

/** What a run is that did not fail. */
function describeOutcome({ status, verdicts, load }: RunReport): string {
  if (verdicts.length === 0) return "nothing was judged";
  if (status !== "pass") {
    const found = verdicts.find((verdict) => verdict.status === status);
    return found === undefined
      ? status
      : found.group === "measurement"
        ? found.message
        : `${found.name}: ${found.message}`;
  }
  const passed = verdicts.length === 1 ? "the only verdict passes" : `all ${verdicts.length} verdicts pass`;
  return load === undefined ? passed : `${passed}, ${plural(load.counts.attempted, "request")}`;
}

function describeErrors({ load }: RunReport): string[] {
  if (load === undefined) return [];
  const own = groupErrors(load.records).filter(({ status }) => status !== "aborted"); // the client cut those itself
  const [most] = own;
  if (most === undefined) return [];
  const others = own.slice(1).reduce((sum, { count }) => sum + count, 0);
  const share = `${formatCount(most.count)} of ${formatCount(load.counts.attempted)} ${most.label}`;
  const rest = others === 0 ? "" : `, ${plural(others, "other error")}`;
  return [`${share} ${describeSpan(most, load.records)}${rest}`];
}

type Sent = readonly { readonly sendMs: number }[];

/** When the errors were sent: "from 15 s on". */
function describeSpan({ count, fromMs, toMs }: ErrorGroup, records: Sent): string {
  if (count === 1) return `at ${formatMs(fromMs)}`;
  const after = records.filter(({ sendMs }) => sendMs > toMs).length;
  const isFirst = records.every(({ sendMs }) => sendMs >= fromMs);
  const lasts = after < records.length * SHARE_OF_END;
  if (isFirst) return lasts ? "from the start" : `from the start to ${formatMs(toMs)}`;
  return lasts ? `from ${formatMs(fromMs)} on` : `from ${formatMs(fromMs)} to ${formatMs(toMs)}`;
}

function shorten(fact: string): string {
  const [line = ""] = fact.split("\n", 1);
  return line.length > LONGEST_FACT ? `${line.slice(0, LONGEST_FACT)}…` : line;
}
