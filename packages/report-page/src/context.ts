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

/** Reads the data that is embedded in the page. */
export function readContext(): Context {
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "null") as PageData;
  const definitions = new Definitions(data.load?.definitions ?? {});
  return { data, records: unpackRecords(data.records), definitions, state: new ViewState() };
}
