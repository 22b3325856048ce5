import type { Context } from "../context.js";
import { button, h, lines, note, section } from "../dom.js";
import { showRequest } from "../reveal-request.js";
import { table } from "../table.js";
import { endBadge } from "./badge.js";
import { formatCount, formatShare, plural, type ErrorGroup } from "../testkit.js";

/** How the requests ended, and samples of those that are not ok. */
export function errorsSection(context: Context): HTMLElement | undefined {
  const { load, errors } = context.data;
  if (load === null) return undefined;
  const { attempted, byStatus } = load.counts;
  const made = section("errors", "Errors by class");
  const columns = [
    { title: "Status" },
    { title: "Requests", isNumber: true },
    { title: "Share", isNumber: true },
    { title: "" },
  ];
  const rows = Object.entries(byStatus).map(([status, count]) => {
    return [
      endBadge(status),
      formatCount(count),
      formatShare(count / Math.max(1, attempted)),
      bar(status, count / Math.max(1, attempted)),
    ];
  });
  made.append(table("Requests by status", columns, { rows }));
  if (errors.length === 0) made.append(note("Every request is ok."));
  for (const group of errors) made.append(describeGroup(context, group));
  return made;
}

/** Leads to the request, if it is in the page. */
function sampleName(context: Context, index: number, name: string): Node | string {
  const record = context.records.find((one) => one.index === index);
  if (record === undefined) return name;
  return button(name, () => showRequest(context, record), { class: "link" });
}

function bar(status: string, share: number): HTMLElement {
  const meter = h("div", { class: "bar", "aria-hidden": true });
  const fill = h("div", { class: status === "ok" ? "bar-fill" : "bar-fill bad" });
  fill.style.width = `${Math.max(0.5, share * 100)}%`;
  meter.append(fill);
  return meter;
}

function describeGroup(context: Context, { status, code, count, samples }: ErrorGroup): HTMLElement {
  const title = code === null ? status : `${status}: ${code}`;
  const items = samples.map(({ index, jobId, message }) => {
    return h(
      "li",
      {},
      h("div", { class: "sample-id" }, sampleName(context, index, jobId ?? `request ${index}`)),
      h("code", {}, ...lines(message ?? "no message")),
    );
  });
  const details = h(
    "details",
    { class: "error-group" },
    h("summary", {}, h("strong", {}, title), ` ${plural(count, "request")}`),
    h("ul", { class: "samples" }, ...items),
  );
  details.open = true;
  return details;
}
