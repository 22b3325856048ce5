import type { Context } from "../context.js";
import { h } from "../dom.js";
import { formatTime } from "../format.js";
import { themeButton } from "../theme.js";
import type { ReportStatus } from "../testkit.js";

/** What a status is called. */
export const STATUS_LABELS: Readonly<Record<ReportStatus, string>> = {
  pass: "pass",
  fail: "fail",
  invalid: "invalid",
  inconclusive: "inconclusive",
  "not-enough-samples": "not enough samples",
  "not-comparable": "not comparable",
};

/** Title, where and when, and the verdict of all. */
export function header({ data }: Context): HTMLElement {
  const { title, createdAt, completeness, worker, machine, generator } = data.report;
  const facts = [
    formatTime(data.load?.startedAt ?? createdAt),
    machine?.model ?? undefined,
    machine?.gpu ?? undefined,
    worker?.baseUrl ?? undefined,
    `${generator.name} ${generator.version}`,
  ].filter((fact) => fact !== undefined && fact !== "");
  const partial =
    completeness.status === "partial"
      ? h("p", { class: "banner" }, `Partial result: ${completeness.reason}`)
      : undefined;
  return h(
    "header",
    { class: "page-header" },
    h("div", { class: "title-row" }, h("h1", {}, title), themeButton()),
    h("p", { class: "subtitle" }, facts.join("  ·  ")),
    partial,
  );
}
