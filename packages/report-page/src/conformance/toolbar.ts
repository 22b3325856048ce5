import { h } from "../dom.js";
import { formatCount } from "../testkit.js";
import type { Context } from "./context.js";
import { STATUS_NAMES, STATUSES } from "./marks.js";

/** The filter: by verdict, area and text. */
export function toolbar(context: Context, count: HTMLElement): HTMLElement {
  return h("div", { class: "toolbar" }, statusFilter(context), areaSelect(context), textField(context), count);
}

function statusFilter({ report, filter }: Context): HTMLElement {
  const { byStatus } = report.coverage;
  const chips = STATUSES.filter((status) => byStatus[status] > 0).map((status) => {
    const box = h("input", { type: "checkbox", "data-status": status });
    box.checked = true;
    box.addEventListener("change", () => filter.setShown(status, box.checked));
    filter.onChange(() => (box.checked = filter.isShown(status)));
    const amount = h("span", { class: "chip-count" }, formatCount(byStatus[status]));
    return h("label", { class: "chip" }, box, ` ${STATUS_NAMES[status]} `, amount);
  });
  return h("div", { class: "filter", role: "group", "aria-label": "Filter by verdict" }, ...chips);
}

function areaSelect({ report, filter }: Context): HTMLElement {
  const options = report.areas.map(({ area, title }) => h("option", { value: area }, title));
  const select = h("select", { "aria-label": "Area" }, h("option", { value: "" }, "all areas"), ...options);
  select.addEventListener("change", () => filter.setArea(select.value));
  filter.onChange(() => (select.value = filter.area));
  return select;
}

function textField({ filter }: Context): HTMLElement {
  const field = h("input", { type: "search", placeholder: "words in a check", "aria-label": "Filter by text" });
  field.addEventListener("input", () => filter.setText(field.value));
  filter.onChange(() => (field.value = filter.text));
  return field;
}
