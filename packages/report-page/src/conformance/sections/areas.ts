import { button, h, note, section } from "../../dom.js";
import type { PageCheck } from "../../testkit.js";
import { MARKS } from "../../testkit.js";
import type { Context } from "../context.js";
import { addressOf, describeStatus } from "../marks.js";

/** The areas as a map of marks, one for each check. A mark leads to its check, the name of an area filters by it. */
export function areasSection(context: Context): HTMLElement {
  const { report } = context;
  const rows = report.areas.map(({ area, title, coverage }) => {
    const checks = report.checks.filter((check) => check.area === area);
    return h(
      "div",
      { class: "area" },
      areaButton(context, area, title),
      h("span", { class: "count" }, `${coverage.ran} of ${coverage.selected} ran`),
      h("span", { class: "marks" }, ...checks.map((check) => markLink(context, check))),
    );
  });
  const help = "A mark leads to its check; the name of an area shows only its checks.";
  return section("areas", "Areas", h("div", { class: "card areas" }, ...rows), note(help));
}

function areaButton({ filter }: Context, area: string, title: string): HTMLElement {
  const toggle = button(title, () => filter.setArea(filter.area === area ? "" : area), { "aria-pressed": "false" });
  filter.onChange(() => toggle.setAttribute("aria-pressed", String(filter.area === area)));
  return toggle;
}

function markLink({ report }: Context, check: PageCheck): HTMLElement {
  const { id, title, status, deviation } = check;
  const change =
    report.comparison?.worse.some((each) => each.id === id) === true ? "worse than the baseline" : undefined;
  const label = [`${id}: ${title}`, describeStatus(check), change].filter((part) => part !== undefined).join(" – ");
  const kind = deviation !== null ? " declared" : "";
  const worse = change === undefined ? "" : " worse";
  const attributes = {
    class: `mark ${status}${kind}${worse}`,
    href: `#${addressOf(id)}`,
    title: label,
    "aria-label": label,
  };
  return h("a", attributes, MARKS[status]);
}
