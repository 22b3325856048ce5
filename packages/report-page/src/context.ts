import { Definitions } from "./definitions.js";
import { ViewState } from "./state.js";
import {
  unpackRecords,
  type KeptRequest,
  type PageData,
  type ReportComparison,
  type RequestRecord,
} from "./testkit.js";

/** The input of every section. */
export interface Context {
  readonly data: PageData;
  readonly records: readonly RequestRecord[];
  /** Prompts and outputs, by the index of the request. */
  readonly texts: ReadonlyMap<number, KeptRequest>;
  /** The baseline, unless the run cannot be compared with it: its values would mislead. */
  readonly baseline: ReportComparison["baseline"] | undefined;
  readonly definitions: Definitions;
  readonly state: ViewState;
}

/** What the sections show of the data of the page. */
export function readContext(data: PageData): Context {
  const { comparison } = data.report;
  return {
    data,
    records: unpackRecords(data.records),
    texts: new Map((data.load?.texts?.requests ?? []).map((kept) => [kept.index, kept])),
    baseline: comparison !== undefined && isComparable(comparison) ? comparison.baseline : undefined,
    definitions: new Definitions(data.load?.definitions ?? {}),
    state: new ViewState(),
  };
}

function isComparable({ outcome }: ReportComparison): boolean {
  return outcome.status !== "not-comparable" || outcome.metrics.length > 0;
}
