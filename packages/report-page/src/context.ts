import { Definitions } from "./definitions.js";
import { ViewState } from "./state.js";
import { unpackRecords, type PageData, type RequestRecord } from "./testkit.js";

/** The input of every section. */
export interface Context {
  readonly data: PageData;
  readonly records: readonly RequestRecord[];
  readonly definitions: Definitions;
  readonly state: ViewState;
}

/** What the sections show of the data of the page. */
export function readContext(data: PageData): Context {
  const definitions = new Definitions(data.load?.definitions ?? {});
  return { data, records: unpackRecords(data.records), definitions, state: new ViewState() };
}
