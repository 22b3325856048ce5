import type { Context } from "../context.js";
import { h, section } from "../dom.js";
import { table } from "../table.js";
import { figureTiles } from "./figures.js";
import { STATUS_LABELS } from "./header.js";
import { plural, type ReportStatus, type ReportVerdict } from "../testkit.js";

const SENTENCES: Readonly<Record<ReportStatus, string>> = {
  pass: "Every verdict passes.",
  fail: "At least one verdict fails.",
  invalid: "The run does not measure the worker, so it proves nothing.",
  inconclusive: "The data of this run supports neither pass nor fail.",
  "not-enough-samples": "There are too few requests for a requested statistic.",
  "not-comparable": "The run cannot be compared with its baseline.",
};

/** The overall status, the most important figures, and every verdict with the facts behind it. */
export function verdictsSection(context: Context): HTMLElement {
  const { status, verdicts } = context.data.report;
  const passed = verdicts.filter(({ status }) => status === "pass").length;
  const sentence = verdicts.length === 0 ? "Nothing was judged." : SENTENCES[status];
  const count = `${passed} of ${plural(verdicts.length, "verdict")} pass.`;
  const banner = h(
    "div",
    { class: `verdict-banner ${status}` },
    h("span", { class: "verdict-word" }, STATUS_LABELS[status]),
    h("span", {}, `${sentence} ${count}`),
  );
  const made = section("summary", "Summary", banner, figureTiles(context));
  if (verdicts.length > 0) made.append(h("h3", {}, "Verdicts"), verdictTable(verdicts));
  return made;
}

/** A status as a coloured word. */
export function badge(status: string): HTMLElement {
  return h("span", { class: `badge ${status}` }, (STATUS_LABELS as Readonly<Record<string, string>>)[status] ?? status);
}

function verdictTable(verdicts: readonly ReportVerdict[]): HTMLElement {
  const columns = ["Verdict", "About", "Name", "Expected", "Got", "In words"].map((title) => {
    return { title, isPhrase: title === "Name" || title === "Expected" };
  });
  const rows = verdicts.map(({ status, group, name, expected, actual, message }) => {
    return [badge(status), group, name, expected ?? "–", actual ?? "–", h("span", { class: "words" }, message)];
  });
  return table("Verdicts", columns, { rows, isStacked: true });
}
