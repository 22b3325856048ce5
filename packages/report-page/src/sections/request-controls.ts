import type { Context } from "../context.js";
import { h } from "../dom.js";
import type { Order } from "../state.js";
import { formatCount, type RequestRecord } from "../testkit.js";

const ORDER_LABELS: Readonly<Record<Order, string>> = {
  errors: "errors first, by the clock of the run",
  send: "in order, by the clock of the run",
  ttft: "slowest first token first, from schedule",
  e2e: "longest first, from schedule",
  stall: "longest stall first, from schedule",
};

/** The search, the filter by status and the order; they follow the address. */
export function requestControls(context: Context): HTMLElement[] {
  return [searchField(context), statusFilter(context), orderSelect(context)];
}

function searchField({ state }: Context): HTMLElement {
  const input = h("input", { type: "search", placeholder: "job id", "aria-label": "Search by job id" });
  input.addEventListener("input", () => state.search(input.value));
  state.onChange(() => {
    if (input.value !== state.query) input.value = state.query;
  });
  return input;
}

function statusFilter({ state, records }: Context): HTMLElement {
  const counts = new Map<RequestRecord["status"], number>();
  for (const { status } of records) counts.set(status, (counts.get(status) ?? 0) + 1);
  const boxes = [...counts].map(([status, count]) => {
    const box = h("input", { type: "checkbox", "data-status": status });
    box.checked = state.shows(status);
    box.addEventListener("change", () => state.setShown(status, box.checked));
    state.onChange(() => (box.checked = state.shows(status)));
    return h("label", { class: "chip" }, box, ` ${status} `, h("span", { class: "chip-count" }, formatCount(count)));
  });
  return h("div", { class: "filter", role: "group", "aria-label": "Filter by status" }, ...boxes);
}

function orderSelect({ state }: Context): HTMLElement {
  const options = Object.entries(ORDER_LABELS).map(([value, label]) => h("option", { value }, label));
  const select = h("select", { "aria-label": "Order of the requests" }, ...options);
  select.addEventListener("change", () => state.sort(select.value as Order));
  state.onChange(() => (select.value = state.order));
  return select;
}
