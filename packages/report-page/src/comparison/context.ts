import { Definitions } from "../definitions.js";
import type { ComparisonPageData } from "../testkit.js";

/** The input of every section. */
export interface Context {
  readonly data: ComparisonPageData;
  readonly definitions: Definitions;
}

/** Reads the data that is embedded in the page. */
export function readContext(): Context {
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "null") as ComparisonPageData;
  return { data, definitions: new Definitions(data.definitions) };
}
