import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRunReport, toHtml } from "inference-testkit/report";
import { compareRuns, judgeLimits, type LoadResult, type RequestRecord } from "../../testkit/src/load/index.js";
import { ItlHistogram } from "../../testkit/src/load/metrics/itl-histogram.js";
import { summarize } from "../../testkit/src/load/metrics/summarize.js";
import { comparisonToHtml } from "../../testkit/src/report/comparison/to-comparison-html.js";
import { HOSTILE_TEXTS } from "../../testkit/test/report/hostile.js";
import { sampleReport, sampleRun, type SampleRunOptions } from "../../testkit/test/report/sample-run.js";

type PageName =
  | ("usual" | "large" | "hostile" | "empty" | "failing" | "notComparable")
  | ("comparison" | "hostileComparison" | "otherMachines");

/** Paths of pages: of usual, large, hostile and failing runs, of one without any measurement, and of comparisons. */
export interface SamplePages extends Readonly<Record<PageName, string>> {
  /** Verdicts of the usual run. */
  readonly verdictCount: number;
}

/** Writes them into a folder. */
export async function writeSamplePages(folder: string): Promise<SamplePages> {
  const writeText = async (name: string, html: string) => {
    const path = join(folder, `${name}.html`);
    await writeFile(path, html);
    return path;
  };
  const write = async (name: string, report: Parameters<typeof toHtml>[0]) => writeText(name, await toHtml(report));
  const nothing = { load: undefined, memory: undefined, comparison: undefined, verdicts: [] };
  const usual = await sampleReport({ count: 800 });
  return {
    verdictCount: usual.verdicts.length,
    usual: await write("usual", usual),
    large: await write("large", await sampleReport({ count: 10_000, ratePerSec: 100 })),
    hostile: await write("hostile", await hostileReport()),
    empty: await write("empty", { ...(await sampleReport({ count: 20 })), ...nothing }),
    failing: await write("failing", await failingReport()),
    notComparable: await write("not-comparable", await notComparableReport()),
    comparison: await writeText("comparison", await comparisonPage("old build", "new build")),
    otherMachines: await writeText("other-machines", await otherMachines()),
    hostileComparison: await writeText("hostile-comparison", await hostileComparison()),
  };
}

async function hostileReport() {
  const verdicts = HOSTILE_TEXTS.map((text) => {
    const figure = { label: text, metric: text, statistic: text, unit: text, against: "at most" as const };
    const facts = { message: text, expected: text, actual: text, figure: { ...figure, value: 2, bound: 1 } };
    return { group: text, name: text, status: "fail" as const, ...facts };
  });
  const jobId = (index: number) => HOSTILE_TEXTS[index % HOSTILE_TEXTS.length]!;
  const options = { count: 64, failEvery: 2, messages: HOSTILE_TEXTS, jobId };
  const load = keepTexts(await sampleRun(options), jobId);
  return sampleReport(options, { title: HOSTILE_TEXTS.join(" "), verdicts, load });
}

/** Slow, and its queue is full from 15 s on. */
async function failingReport() {
  const run = await sampleRun({ count: 930, failEvery: 0, slowness: 6 });
  const message = "the queue is full\nretry after 1 s";
  const failure = { status: "http-error", httpStatus: 503, code: "QUEUE_FULL", message } as const;
  const none = {
    firstMs: null,
    lastMs: null,
    terminalMs: null,
    tokensOut: null,
    longestStallMs: null,
    contentEventCount: 0,
  };
  const fail = (record: RequestRecord): RequestRecord => {
    return record.sendMs < 15_000 || record.index % 3 === 0
      ? record
      : { ...record, ...none, ...failure, closeMs: record.sendMs + 20 };
  };
  const load = await withRecords(run, run.records.map(fail));
  const kept = keepTexts(load, (index) => `Story ${index}.\nWrite about a lighthouse.`);
  const limits = judgeLimits(load, { ttft: { p95: 200 }, tpot: { p50: 200 }, errors: 0 });
  return createRunReport({ title: "Nightly load", load: kept, limits });
}

async function withRecords(run: LoadResult, records: readonly RequestRecord[]): Promise<LoadResult> {
  const itl = await ItlHistogram.create();
  itl.merge(await ItlHistogram.decode(run.itlHistogram));
  return { ...run, records, ...summarize(records, { itl, slo: run.plan.slo, judgedFrom: "schedule" }) };
}

/** Prompts, outputs and ticks of all requests but the last. */
function keepTexts(load: LoadResult, textOf: (index: number) => string): LoadResult {
  const requests = load.records.slice(0, -1).map(({ index, firstMs, lastMs, contentEventCount: count }) => {
    const span = firstMs === null || lastMs === null ? [] : Array.from({ length: count }, (_, tick) => tick / count);
    const contentAtMs = span.map((part) => firstMs! + part ** 1.2 * (lastMs! - firstMs!));
    const text = textOf(index);
    return { index, prompt: text, promptCutLength: 0, output: `Output: ${text}`, outputCutLength: 7, contentAtMs };
  });
  return { ...load, texts: { requests, leftOutCount: 1 } };
}

async function notComparableReport() {
  const load = await sampleRun({ failEvery: 0 });
  const machine = { ...load.machine, cpu: "Another CPU" };
  const baseline = { ...(await sampleRun({ failEvery: 0, slowness: 0.123 })), machine };
  const provenance = { command: "inference-testkit profile --url http://127.0.0.1:8080", commit: "0123456789ab-dirty" };
  return createRunReport({ load, provenance, comparison: { outcome: compareRuns(baseline, load), baseline } });
}

/** Two builds with two runs each: the tail of the new one moved, and there are too few runs to prove it. */
async function comparisonPage(baselineName: string, currentName: string): Promise<string> {
  const make = async (name: string, seed: number, options: SampleRunOptions) => {
    return { name: `${name}/${seed}`, load: await sampleRun({ count: 120, failEvery: 0, seed, ...options }) };
  };
  const baseline = [await make(baselineName, 1, {}), await make(baselineName, 2, {})];
  const moved = (await Promise.all([3, 4].map((seed) => make(currentName, seed, {})))).map(({ name, load }) => {
    const records = load.records.map((record) => (record.index % 12 === 0 ? delay(record, 400) : record));
    return { name, records, load };
  });
  const current = await Promise.all(
    moved.map(async ({ name, records, load }) => ({ name, load: await withRecords(load, records) })),
  );
  const outcome = compareRuns(
    baseline.map(({ load }) => load),
    current.map(({ load }) => load),
  );
  return comparisonToHtml(outcome, { baseline, current });
}

function delay(record: RequestRecord, byMs: number): RequestRecord {
  const later = (ms: number | null) => (ms === null ? null : ms + byMs);
  const { firstMs, lastMs, terminalMs, closeMs } = record;
  return {
    ...record,
    firstMs: later(firstMs),
    lastMs: later(lastMs),
    terminalMs: later(terminalMs),
    closeMs: closeMs + byMs,
  };
}

async function otherMachines(): Promise<string> {
  const load = await sampleRun({ failEvery: 0 });
  const other = { ...load, machine: { ...load.machine, cpu: "Another CPU" } };
  const sides = { baseline: [{ name: "old", load: other }], current: [{ name: "new", load }] };
  return comparisonToHtml(compareRuns(other, load), sides);
}

async function hostileComparison(): Promise<string> {
  const side = (name: string, load: LoadResult) => [{ name, load }];
  const [text, other] = [HOSTILE_TEXTS.join(" "), HOSTILE_TEXTS.toReversed().join(" ")];
  const load = await sampleRun({ failEvery: 0 });
  const hostile = { ...load, startedAt: text, machine: { ...load.machine, workerVersion: other } };
  const outcome = compareRuns(hostile, hostile);
  return comparisonToHtml(outcome, { baseline: side(text, hostile), current: side(other, hostile) });
}
