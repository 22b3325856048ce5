import { legend } from "../charts/legend.js";
import type { Context } from "../context.js";
import { h, note, section } from "../dom.js";
import { isWithin, type Order } from "../state.js";
import { Timeline } from "../timeline/timeline.js";
import { requestControls } from "./request-controls.js";
import { requestDetails } from "./request-details.js";
import { requestTable } from "./request-table.js";
import { formatCount, measureRequest, plural, type RequestMetric, type RequestRecord } from "../testkit.js";

const LEGEND = [
  { color: "queue", label: "late: sched → send" },
  { color: "wait", label: "waiting for the first token" },
  { color: "tokens", label: "tokens" },
  { color: "tail", label: "until close" },
  { color: "bad", label: "not ok" },
];
/** Orders by a metric, the longest first; each row is then drawn from its own schedule on. */
const METRICS_OF_ORDERS: Readonly<Partial<Record<Order, RequestMetric>>> = {
  ttft: "ttftFromSchedule",
  e2e: "e2eFromSchedule",
  stall: "longestStall",
};

/** Every request as a line and as a row, with a filter, a search and an order for both. */
export function requestsSection(context: Context): HTMLElement | undefined {
  const { load, stride } = context.data;
  if (load === null || context.records.length === 0) return undefined;
  const { state } = context;
  const count = h("span", { class: "count", "aria-live": "polite" });
  const details = h("div", { class: "request-details", id: "request-details", "aria-live": "polite" });
  const onSelect = (record: RequestRecord | undefined) => state.select(record);
  const timeline = new Timeline({ state, durationMs: load.window.lastCloseMs, onSelect });
  const table = requestTable(context);
  const update = () => {
    const isAligned = METRICS_OF_ORDERS[state.order] !== undefined;
    const shown = sortRecords(
      context.records.filter((record) => isShown(context, record, isAligned)),
      state.order,
    );
    timeline.setRecords(shown, isAligned);
    table.setRows(shown);
    count.textContent = `${formatCount(shown.length)} of ${plural(context.records.length, "request")} shown`;
  };
  const choose = () => {
    details.replaceChildren(...(state.selected === undefined ? [] : [requestDetails(context, state.selected)]));
    timeline.choose(state.selected);
    table.choose(state.selected);
  };
  state.onChange((change) => (change === "view" ? update() : choose()));
  const made = section(
    "requests",
    "Requests",
    h("div", { class: "toolbar" }, ...requestControls(context), count),
    legend(LEGEND),
    timeline.element,
    h(
      "p",
      { class: "note screen-only" },
      "Scroll for more. Click a request for all of its figures; drag to zoom, double-click to see all. The address of the page leads back to what it shows.",
    ),
    h("p", { class: "note print-only" }, "Only the rows that were in view are printed; requests.csv has all."),
    details,
    table.element,
  );
  if (stride > 1) {
    made.append(
      note(`The page has every ${stride}th of ${plural(load.counts.attempted, "request")}; requests.jsonl has all.`),
    );
  }
  update();
  return made;
}

/** By the clock of the run, rows outside of what was zoomed to would be empty. */
function isShown({ state }: Context, record: RequestRecord, isAligned: boolean): boolean {
  if (!state.matches(record)) return false;
  return isAligned || state.range === undefined || isWithin(record, state.range);
}

function sortRecords(records: readonly RequestRecord[], order: Order): RequestRecord[] {
  const metric = METRICS_OF_ORDERS[order];
  const key = (record: RequestRecord): number => {
    if (metric !== undefined) return -(measureRequest(record, metric) ?? -1);
    return order === "errors" && record.status === "ok" ? 1 : 0;
  };
  return [...records].sort((a, b) => key(a) - key(b) || a.sendMs - b.sendMs);
}
