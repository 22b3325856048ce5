import { h } from "../../dom.js";
import { formatCount, formatMs, plural, type PageRequest } from "../../testkit.js";
import { nameOf } from "../model/opening.js";
import { statusMark } from "../status-mark.js";
import { VirtualList } from "../virtual-list.js";
import type { ViewerState } from "./viewer-state.js";

type Group = "fail" | "warn" | "ok" | "other";
const GROUPS: Readonly<Record<Group, string>> = { fail: "failed", warn: "warnings", ok: "ok", other: "other requests" };

/** The requests of the bundle, with a search and a filter by status. */
export function jobList(state: ViewerState): HTMLElement {
  const { exchanges } = state.bundle;
  const hidden = new Set<Group>(exchanges.some(({ isJob }) => isJob) ? ["other"] : []);
  let shown: readonly PageRequest[] = [];
  const field = h("input", { type: "search", placeholder: "job, status, problem", "aria-label": "Search jobs" });
  const count = h("p", { class: "count", "aria-live": "polite" });
  const list = new VirtualList({
    label: "Jobs",
    rowHeightPx: 46,
    renderRow: (index) => jobRow(shown[index]),
    onSelect: (index) => {
      const chosen = shown[index];
      if (chosen !== undefined) state.choose(chosen);
    },
  });
  const select = (): void => list.select(shown.findIndex((each) => each === state.model?.exchange));
  const filter = (): void => {
    const words = field.value.toLowerCase().split(/\s+/);
    shown = exchanges.filter(
      (each) => !hidden.has(groupOf(each)) && words.every((word) => textOf(each).includes(word)),
    );
    list.setCount(shown.length);
    count.textContent = `${formatCount(shown.length)} of ${plural(exchanges.length, "request")} shown`;
    select();
  };
  field.addEventListener("input", filter);
  state.onChange(select);
  filter();
  return h(
    "section",
    { class: "jobs", "aria-labelledby": "jobs-title" },
    h("h2", { id: "jobs-title" }, "Jobs"),
    field,
    groupFilter(exchanges, hidden, filter),
    count,
    list.element,
  );
}

function groupFilter(exchanges: readonly PageRequest[], hidden: Set<Group>, filter: () => void): HTMLElement {
  const chips = (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const amount = exchanges.filter((each) => groupOf(each) === group).length;
    if (amount === 0) return [];
    const box = h("input", { type: "checkbox" });
    box.checked = !hidden.has(group);
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(group);
      else hidden.add(group);
      filter();
    });
    return [
      h("label", { class: "chip" }, box, ` ${GROUPS[group]} `, h("span", { class: "chip-count" }, formatCount(amount))),
    ];
  });
  return h("div", { class: "filter", role: "group", "aria-label": "Filter by status" }, ...chips);
}

function jobRow(exchange: PageRequest | undefined): HTMLElement {
  if (exchange === undefined) return h("div");
  const { status, summary, outcome, sentAtMs } = exchange;
  const took = outcome === null ? "" : formatMs(outcome.atMs - sentAtMs);
  return h(
    "div",
    { class: `job ${status}` },
    statusMark(status),
    h("span", { class: "job-name" }, nameOf(exchange)),
    h("span", { class: "job-time" }, took),
    h("span", { class: "job-summary" }, summary),
  );
}

function groupOf({ isJob, status }: PageRequest): Group {
  return isJob ? status : "other";
}

function textOf(exchange: PageRequest): string {
  const { status, summary, violation, response } = exchange;
  return `${nameOf(exchange)} ${status} ${summary} ${violation?.rule ?? ""} ${response?.status ?? ""}`.toLowerCase();
}
