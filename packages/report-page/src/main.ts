import { bindAddress } from "./address.js";
import { forgetCharts } from "./charts/chart.js";
import { readContext } from "./context.js";
import { showReport } from "./live.js";
import { navigation } from "./navigation.js";
import { comparisonSection } from "./sections/comparison.js";
import { definitionsSection } from "./sections/definitions.js";
import { errorsSection } from "./sections/errors.js";
import { factsSection } from "./sections/facts.js";
import { header } from "./sections/header.js";
import { latencySection } from "./sections/latency.js";
import { loadResponseSection } from "./sections/load-response.js";
import { memorySection } from "./sections/memory.js";
import { overTimeSection } from "./sections/over-time.js";
import { requestsSection } from "./sections/requests.js";
import { verdictsSection } from "./sections/verdicts.js";
import type { PageData } from "./testkit.js";
import { watchTheme } from "./theme.js";

const SECTIONS = [
  verdictsSection,
  comparisonSection,
  loadResponseSection,
  latencySection,
  overTimeSection,
  requestsSection,
  memorySection,
  errorsSection,
  factsSection,
  definitionsSection,
];

watchTheme();
showReport((data) => {
  forgetCharts();
  const context = readContext(data as PageData);
  const sections = SECTIONS.map((make) => make(context)).filter((made) => made !== undefined);
  document.getElementById("report")?.replaceChildren(header(context), navigation(sections), ...sections);
  bindAddress(context); // what it chooses is scrolled to, so it has to be there
});
