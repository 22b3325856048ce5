import { h, note, section } from "../../dom.js";
import { describeCoverage, formatCount, type Coverage } from "../../testkit.js";
import type { Context } from "../context.js";
import { addressOf, mark, STATUS_NAMES, STATUSES } from "../marks.js";

/** The verdict, how much ran, and what a reader has to know about the run. */
export function summarySection({ report }: Context): HTMLElement {
  const { status, message, coverage, restarts, notSeen } = report;
  const banner = h(
    "div",
    { class: `verdict-banner ${status}` },
    h("span", { class: "verdict-word" }, status),
    h("span", {}, h("strong", {}, describeCoverage(coverage)), `. ${upperFirst(message)}.`),
  );
  return section(
    "summary",
    "Summary",
    banner,
    coverageBar(coverage),
    ...notSeen.map((id) => {
      return h(
        "p",
        { class: "note" },
        "Declared as a deviation, but passed: ",
        h("a", { href: `#${addressOf(id)}` }, id),
      );
    }),
    ...restarts.map(({ after, reason }) => note(`The server was started again after ${after}: ${reason}`)),
  );
}

/** The verdicts as shares of all checks, with their counts. */
function coverageBar({ selected, byStatus }: Coverage): HTMLElement {
  const present = STATUSES.filter((status) => byStatus[status] > 0);
  const parts = present.map((status) => {
    const part = h("span", { class: `share ${status}` });
    part.style.flexGrow = String(byStatus[status] / selected);
    return part;
  });
  const items = present.map((status) => {
    return h("li", {}, mark(status), `${formatCount(byStatus[status])} ${STATUS_NAMES[status]}`);
  });
  return h(
    "div",
    { class: "coverage" },
    h("div", { class: "shares", "aria-hidden": "true" }, ...parts),
    h("ul", { class: "legend" }, ...items),
  );
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
