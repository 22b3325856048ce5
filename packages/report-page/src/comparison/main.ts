import { formatTime } from "../format.js";
import { headlineBanner } from "../headline-banner.js";
import { navigation } from "../navigation.js";
import { pageHeader } from "../page-header.js";
import { section } from "../dom.js";
import { watchTheme } from "../theme.js";
import { readContext } from "./context.js";
import { distributionsSection } from "./sections/distributions.js";
import { metricsSection } from "./sections/metrics.js";
import { runsSection } from "./sections/runs.js";

watchTheme();
const context = readContext();
const { title, createdAt, generator, headline } = context.data;
const facts = [formatTime(createdAt), `${generator.name} ${generator.version}`];
const header = pageHeader({ title, facts, completeness: { status: "complete" } });
header.prepend(headlineBanner(headline));
const definitions = section("definitions", "Definitions", context.definitions.list());
const sections = [metricsSection(context), distributionsSection(context), runsSection(context), definitions].filter(
  (made) => made !== undefined,
);
document.getElementById("report")?.append(header, navigation(sections), ...sections);
document.documentElement.dataset["ready"] = "true";
