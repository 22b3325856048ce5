import type { Context } from "../context.js";
import { button, h, lines } from "../dom.js";
import { requestTexts } from "./request-texts.js";
import { tokenTicks } from "./token-ticks.js";
import { countTokens, formatCount, formatMs, measureRequest, REQUEST_METRICS, type RequestRecord } from "../testkit.js";

/** All facts and metrics of one request. */
export function requestDetails(context: Context, record: RequestRecord): HTMLElement {
  const { definitions, state } = context;
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
  const message = record.message ? h("p", {}, h("code", {}, ...lines(record.message))) : undefined;
  return h(
    "div",
    { class: "card" },
    h(
      "div",
      { class: "card-title" },
      h("h3", {}, record.jobId ?? `request ${record.index}`),
      button("Show in time charts", () => zoomAround(context, record), { class: "screen-only" }),
      button("Close", () => state.select(undefined), { class: "screen-only" }),
    ),
    message,
    tokenTicks(context, record),
    h("dl", { class: "fact-grid" }, ...items),
    ...requestTexts(context, record),
  );
}

/** A little before and after the request, so that its neighbours can be seen. */
function zoomAround({ state, data }: Context, { schedMs, closeMs }: RequestRecord): void {
  const marginMs = Math.max(50, closeMs - schedMs);
  const toMs = Math.min(data.load?.window.lastCloseMs ?? closeMs, closeMs + marginMs);
  state.zoom({ fromMs: Math.max(0, schedMs - marginMs), toMs });
  document.getElementById("over-time")?.scrollIntoView();
}
