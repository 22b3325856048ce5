import { legend } from "../charts/legend.js";
import type { Context } from "../context.js";
import { h, note, section } from "../dom.js";
import { tableBehind } from "../table.js";
import { Timeline } from "../timeline/timeline.js";
import { requestDetails, requestTable } from "./request-details.js";
import { formatCount, measureRequest, plural, type RequestRecord } from "../testkit.js";

const LEGEND = [
  { color: "queue", label: "late: sched → send" },
  { color: "wait", label: "waiting for the first token" },
  { color: "tokens", label: "tokens" },
  { color: "tail", label: "until close" },
  { color: "bad", label: "not ok" },
];
const ORDERS = {
  send: "in order, by the clock of the run",
  ttft: "slowest first token first, from schedule",
  e2e: "longest first, from schedule",
  stall: "longest stall first, from schedule",
} as const;
type Order = keyof typeof ORDERS;

/** A line for each request, with a filter by status. */
export function requestsSection(context: Context): HTMLElement | undefined {
  const { load, stride } = context.data;
  if (load === null || context.records.length === 0) return undefined;
  const count = h("span", { class: "count", "aria-live": "polite" });
  const details = h("div", { class: "request-details", "aria-live": "polite" });
  const timeline = new Timeline({
    state: context.state,
    durationMs: load.window.lastCloseMs,
    onSelect: (record) => details.replaceChildren(...(record === undefined ? [] : [requestDetails(context, record)])),
  });
  let order: Order = "send";
  const update = () => {
    const isAligned = order !== "send";
    const shown = context.records.filter((record) => isShown(context, record, isAligned));
    timeline.setRecords(sortRecords(shown, order), isAligned);
    count.textContent = `${formatCount(shown.length)} of ${plural(context.records.length, "request")} shown`;
  };
  const made = section(
    "requests",
    "Requests",
    h(
      "div",
      { class: "toolbar" },
      statusFilter(context),
      orderSelect((chosen) => {
        order = chosen;
        update();
      }),
      count,
    ),
    legend(LEGEND),
    timeline.element,
    h(
      "p",
      { class: "note screen-only" },
      "Scroll for more. Click a request for all of its figures; drag to zoom, double-click to see all.",
    ),
    h("p", { class: "note print-only" }, "Only the rows that were in view are printed; requests.csv has all."),
    details,
    tableBehind("requests", () => requestTable(context)),
  );
  if (stride > 1) {
    made.append(
      note(`The page has every ${stride}th of ${plural(load.counts.attempted, "request")}; requests.jsonl has all.`),
    );
  }
  context.state.onChange(update);
  update();
  return made;
}

/** By the clock of the run, rows outside of what was zoomed to would be empty. */
function isShown({ state }: Context, { status, schedMs, closeMs }: RequestRecord, isAligned: boolean): boolean {
  const { range } = state;
  if (!state.shows(status)) return false;
  return isAligned || range === undefined || (schedMs <= range.toMs && closeMs >= range.fromMs);
}

function statusFilter({ state, records }: Context): HTMLElement {
  const counts = new Map<RequestRecord["status"], number>();
  for (const { status } of records) counts.set(status, (counts.get(status) ?? 0) + 1);
  const boxes = [...counts].map(([status, count]) => {
    const box = h("input", { type: "checkbox", "data-status": status });
    box.checked = true;
    box.addEventListener("change", () => state.setShown(status, box.checked));
    return h("label", { class: "chip" }, box, ` ${status} `, h("span", { class: "chip-count" }, formatCount(count)));
  });
  return h("div", { class: "filter", role: "group", "aria-label": "Filter by status" }, ...boxes);
}

function orderSelect(choose: (order: Order) => void): HTMLElement {
  const options = Object.entries(ORDERS).map(([value, label]) => h("option", { value }, label));
  const select = h("select", { "aria-label": "Order of the requests" }, ...options);
  select.addEventListener("change", () => choose(select.value as Order));
  return select;
}

function sortRecords(records: readonly RequestRecord[], order: Order): RequestRecord[] {
  const key = (record: RequestRecord): number => {
    if (order === "send") return record.sendMs;
    return -(
      measureRequest(
        record,
        ({ ttft: "ttftFromSchedule", e2e: "e2eFromSchedule", stall: "longestStall" } as const)[order],
      ) ?? -1
    );
  };
  return [...records].sort((a, b) => key(a) - key(b));
}
