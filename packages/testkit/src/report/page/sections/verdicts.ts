import type { ReportStatus, ReportVerdict } from "../../run-report.js";
import type { Context } from "../context.js";
import { h, section } from "../dom.js";
import { plural } from "../format.js";
import { table } from "../table.js";
import { figureTiles } from "./figures.js";
import { STATUS_LABELS } from "./header.js";

const SENTENCES: Readonly<Record<ReportStatus, string>> = {
  pass: "Everything that was judged holds.",
  fail: "At least one verdict is a failure.",
  invalid: "The run does not measure the worker, so it proves nothing.",
  inconclusive: "Neither pass nor fail can be concluded from this run.",
  "not-enough-samples": "There are too few requests for a statistic that was asked for.",
  "not-comparable": "The run cannot be compared with its baseline.",
};

/** The verdict of all, the figures that matter most, and every verdict with what it rests on. */
export function verdictsSection(context: Context): HTMLElement {
  const { verdict, verdicts } = context.data.report;
  const passed = verdicts.filter(({ status }) => status === "pass").length;
  const sentence = verdicts.length === 0 ? "Nothing was judged." : SENTENCES[verdict];
  const count = `${passed} of ${plural(verdicts.length, "verdict")} pass.`;
  const banner = h(
    "div",
    { class: `verdict-banner ${verdict}` },
    h("span", { class: "verdict-word" }, STATUS_LABELS[verdict]),
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
