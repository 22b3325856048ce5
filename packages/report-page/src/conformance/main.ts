import { showReport } from "../live.js";
import { navigation } from "../navigation.js";
import type { ConformancePageData } from "../testkit.js";
import { watchTheme } from "../theme.js";
import { readContext } from "./context.js";
import { watchLinks } from "./reveal.js";
import { areasSection } from "./sections/areas.js";
import { checksSection } from "./sections/checks.js";
import { comparisonSection } from "./sections/comparison.js";
import { factsSection } from "./sections/facts.js";
import { header } from "./sections/header.js";
import { summarySection } from "./sections/summary.js";

const SECTIONS = [summarySection, comparisonSection, areasSection, checksSection, factsSection];

watchTheme();
showReport((data) => {
  const context = readContext(data as ConformancePageData);
  const sections = SECTIONS.map((make) => make(context)).filter((made) => made !== undefined);
  document.getElementById("report")?.replaceChildren(header(context), navigation(sections), ...sections);
  watchLinks(context);
});
