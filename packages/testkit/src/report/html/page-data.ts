import { ItlHistogram, type EncodedHistogram } from "../../load/metrics/itl-histogram.js";
import type { RequestRecord, StoredLoadResult } from "../../load/index.js";
import { ReportInvalidError, withReason } from "../../errors/index.js";
import { groupErrors, type ErrorGroup } from "../error-groups.js";
import type { CurvePoint, RunReport } from "../run-report.js";
import { CURVE_SHARES } from "../curve.js";
import { describeHeadline, type Headline } from "../headline.js";
import { packRecords, type PackedRecords } from "./records.js";

/** More would make the page slow and the file large; beyond this, only every second, third, … record is kept. */
const MOST_RECORDS = 50_000;

/** The load without the parts that the page has in another form. */
export type PageLoad = Omit<StoredLoadResult, "records" | "itlHistogram">;

/** The data of the page. */
export interface PageData {
  readonly report: Omit<RunReport, "load">;
  readonly headline: Headline;
  readonly load: PageLoad | null;
  readonly records: PackedRecords;
  /** Number of requests of the run that each record of the page represents. */
  readonly stride: number;
  readonly errors: readonly ErrorGroup[];
  readonly itlCurve: readonly CurvePoint[];
  readonly baselineItlCurve: readonly CurvePoint[];
}

/** Extracts from a report what the page shows. */
export async function toPageData(whole: RunReport): Promise<PageData> {
  const { load, ...report } = whole;
  const records = load?.records ?? [];
  const stride = Math.max(1, Math.ceil(records.length / MOST_RECORDS));
  return {
    report,
    headline: describeHeadline(whole),
    load: load === undefined ? null : withoutRecords(load),
    records: packRecords(thinOut(records, stride)),
    stride,
    errors: groupErrors(records),
    itlCurve: await readCurve("load", load?.itlHistogram),
    baselineItlCurve: await readCurve("comparison.baseline", report.comparison?.baseline.itlHistogram),
  };
}

function withoutRecords(load: StoredLoadResult): PageLoad {
  const page: Partial<StoredLoadResult> = { ...load };
  delete (page as { records?: unknown }).records;
  delete (page as { itlHistogram?: unknown }).itlHistogram;
  return page as PageLoad;
}

function thinOut(records: readonly RequestRecord[], stride: number): readonly RequestRecord[] {
  return stride === 1 ? records : records.filter((_, position) => position % stride === 0);
}

/** @throws {REPORT_INVALID} it cannot be decoded. */
export async function readCurve(owner: string, encoded: EncodedHistogram | undefined): Promise<CurvePoint[]> {
  if (encoded === undefined) return [];
  const histogram = await ItlHistogram.decode(encoded).catch((cause: unknown) => {
    const what = `The file is not a report: \`${owner}.itlHistogram\` cannot be decoded`;
    throw new ReportInvalidError({ message: withReason(what, cause), cause });
  });
  if (histogram.count === 0) return [];
  return CURVE_SHARES.map((share) => ({ share, value: histogram.quantile(share) }));
}
