import type { Context } from "../context.js";
import { h, note } from "../dom.js";
import { table } from "../table.js";
import {
  countTokens,
  formatCount,
  formatMs,
  measureRequest,
  metricOf,
  REQUEST_METRICS,
  type RequestRecord,
} from "../testkit.js";

const MOST_ROWS = 500;

/** All facts and metrics of one request. */
export function requestDetails({ definitions }: Context, record: RequestRecord): HTMLElement {
  const { count, isEstimated } = countTokens(record);
  const facts: [string | Node, string][] = [
    ["status", record.status],
    ["sent at", formatMs(record.sendMs)],
    ["headers at", formatMs(record.headersMs)],
    ["first token at", formatMs(record.firstMs)],
    ["last token at", formatMs(record.lastMs)],
    ["closed at", formatMs(record.closeMs)],
    ["tokens", `${formatCount(count)}${isEstimated ? " (estimated)" : ""}`],
    ...REQUEST_METRICS.map((metric): [Node, string] => [
      definitions.link(metric),
      formatMs(measureRequest(record, metric)),
    ]),
  ];
  if (record.httpStatus !== undefined && (record.httpStatus as number | null) !== null)
    facts.push(["HTTP status", String(record.httpStatus)]);
  if (record.code) facts.push(["code", record.code]);
  const items = facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  const message = record.message ? h("p", {}, h("code", {}, record.message)) : undefined;
  return h(
    "div",
    { class: "card" },
    h("h3", {}, record.jobId ?? `request ${record.index}`),
    h("dl", { class: "fact-grid" }, ...items),
    message,
  );
}

/** The first requests that pass the filter. */
export function requestTable({ state, records, definitions }: Context): HTMLElement {
  const metrics = REQUEST_METRICS.filter((metric) => metricOf(metric).shownIn?.includes("request-table") === true);
  const columns = [
    { title: "#", isNumber: true },
    { title: "Job" },
    { title: "Status" },
    { title: "Sent at", isNumber: true },
    ...metrics.map((metric) => ({ title: definitions.link(metric), isNumber: true })),
    { title: "Tokens", isNumber: true },
    { title: "Message" },
  ];
  const shown = records.filter(({ status }) => state.shows(status));
  const rows = shown
    .slice(0, MOST_ROWS)
    .map((record) => [
      String(record.index),
      record.jobId ?? "–",
      record.status,
      formatMs(record.sendMs),
      ...metrics.map((metric) => formatMs(measureRequest(record, metric))),
      formatCount(countTokens(record).count),
      record.message ?? "",
    ]);
  const made = h("div", {}, table("Requests", columns, { rows }));
  if (shown.length > MOST_ROWS) {
    made.append(note(`The first ${MOST_ROWS} of ${formatCount(shown.length)}; requests.csv has all.`));
  }
  return made;
}
