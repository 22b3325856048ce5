import type { Context } from "../context.js";
import { button } from "../dom.js";
import { shorten } from "../format.js";
import { endBadge } from "./badge.js";
import { VirtualTable } from "../virtual-table.js";
import {
  countTokens,
  formatCount,
  formatMs,
  measureRequest,
  metricOf,
  nameStatistic,
  REQUEST_METRICS,
  type RequestRecord,
} from "../testkit.js";

/** One row for each request that is shown, in the same order as the timeline. */
export function requestTable({ state, definitions }: Context): VirtualTable<RequestRecord> {
  const metrics = REQUEST_METRICS.filter((metric) => metricOf(metric).shownIn?.includes("request-table") === true);
  return new VirtualTable<RequestRecord>({
    caption: "Requests",
    columns: [
      { title: "#", isNumber: true },
      { title: "Job" },
      { title: "Status" },
      { title: "Sent at", isNumber: true },
      ...metrics.map((metric) => ({ title: definitions.link(metric, nameStatistic(metric, "value")), isNumber: true })),
      { title: "Tokens", isNumber: true },
      { title: "Message" },
    ],
    cells: (record) => [
      String(record.index),
      button(record.jobId ?? `request ${record.index}`, () => undefined, { class: "link" }), // the row has the handler
      endBadge(record.status),
      formatMs(record.sendMs),
      ...metrics.map((metric) => formatMs(measureRequest(record, metric))),
      formatCount(countTokens(record).count),
      shorten(record.message ?? "").replaceAll(/\s*\r?\n\s*/g, " "),
    ],
    onChoose: (record) => state.select(record),
  });
}
