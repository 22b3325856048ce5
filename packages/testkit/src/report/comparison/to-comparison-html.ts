import type { RunComparison } from "../../load/index.js";
import { composePage } from "../html/compose-page.js";
import { readPageAssets } from "../html/page-assets.js";
import { toComparisonData, type NamedSides } from "./comparison-data.js";
import { headlineText } from "../headline.js";

/** One self-contained HTML file about a comparison, as safe as the page of a run report. */
export async function comparisonToHtml(outcome: RunComparison, sides: NamedSides): Promise<string> {
  const data = await toComparisonData(outcome, sides);
  const parts = {
    title: `${headlineText(data.headline)} – ${data.title}`,
    data,
    withoutScript: "This page is drawn by a script in this file. `inference-testkit compare` prints the same figures.",
  };
  return composePage(parts, await readPageAssets("comparison"));
}
