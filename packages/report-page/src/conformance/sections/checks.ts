import { h, note, section } from "../../dom.js";
import { shorten } from "../../format.js";
import { formatCount, formatMs, plural, type PageCheck } from "../../testkit.js";
import { checkDetails } from "../check-details.js";
import type { Context } from "../context.js";
import { addressOf, describeStatus, mark } from "../marks.js";
import { toolbar } from "../toolbar.js";

/** Every check that the filter shows; the worst verdicts come first. */
export function checksSection(context: Context): HTMLElement {
  const { report, filter } = context;
  const count = h("span", { class: "count", "aria-live": "polite" });
  const nothing = note("No check matches the filter.");
  const views = report.checks.map((check) => ({ check, view: checkView(context, check) }));
  const update = (): void => {
    for (const { check, view } of views) view.hidden = !filter.shows(check);
    const shown = views.filter(({ view }) => !view.hidden).length;
    count.textContent = `${formatCount(shown)} of ${plural(views.length, "check")} shown`;
    nothing.hidden = shown > 0;
  };
  filter.onChange(update);
  update();
  const list = h("div", { class: "checks" }, ...views.map(({ view }) => view));
  return section("checks", "Checks", toolbar(context, count), list, nothing);
}

/** A check as a line that opens; what is in it is made when it is opened first. */
function checkView(context: Context, check: PageCheck): HTMLElement {
  const details = h(
    "details",
    { class: `check ${check.status}`, id: addressOf(check.id) },
    summaryLine(context, check),
  );
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(checkDetails(check));
  });
  return details;
}

function summaryLine({ report }: Context, check: PageCheck): HTMLElement {
  const { id, title, status, got, message, durationMs, attempts, deviation } = check;
  const change = [...(report.comparison?.worse ?? []), ...(report.comparison?.better ?? [])].find(
    (each) => each.id === id,
  );
  const time = attempts === 0 ? "not run" : formatMs(durationMs);
  const problem = status === "pass" ? "" : (got ?? message);
  return h(
    "summary",
    {},
    mark(status),
    h("span", { class: "check-title" }, h("strong", {}, id), ` ${title}`),
    h("span", { class: "hidden" }, describeStatus(check)),
    deviation === null ? undefined : h("span", { class: "badge" }, "declared"),
    change === undefined ? undefined : h("span", { class: "badge advisory" }, `baseline: ${change.before}`),
    h("span", { class: "check-time" }, time),
    problem === ""
      ? undefined
      : h("span", { class: "problem" }, shorten(status === "fail" ? `got ${problem}` : problem)),
  );
}
