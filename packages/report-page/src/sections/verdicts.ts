import type { Context } from "../context.js";
import { h, section } from "../dom.js";
import { table } from "../table.js";
import { badge } from "./badge.js";
import { figureTiles } from "./figures.js";
import { plural, worstFirst, type ReportStatus, type ReportVerdict } from "../testkit.js";

const SENTENCES: Readonly<Record<ReportStatus, string>> = {
  pass: "Every verdict passes.",
  fail: "At least one verdict fails.",
  invalid: "The run does not measure the worker, so it proves nothing.",
  inconclusive: "The data of this run supports neither pass nor fail.",
  "not-enough-samples": "There are too few requests for a requested statistic.",
  "not-comparable": "The run cannot be compared with its baseline.",
};

/** What the status means, the most important figures, and every verdict with the facts behind it; those that pass are folded. */
export function verdictsSection(context: Context): HTMLElement {
  const { status, verdicts } = context.data.report;
  const passed = verdicts.filter((verdict) => verdict.status === "pass");
  const others = worstFirst(verdicts).filter((verdict) => verdict.status !== "pass");
  const sentence = verdicts.length === 0 ? "Nothing was judged." : SENTENCES[status];
  const made = section("summary", "Summary", h("p", { class: "sentence" }, sentence), figureTiles(context));
  if (others.length > 0) made.append(h("h3", {}, "Verdicts"), verdictTable("Verdicts", others));
  if (passed.length > 0) {
    const verb = passed.length === 1 ? "passes" : "pass";
    const summary = h("summary", {}, `${passed.length} of ${plural(verdicts.length, "verdict")} ${verb}`);
    made.append(h("details", { class: "behind passed" }, summary, verdictTable("Verdicts that pass", passed)));
  }
  return made;
}

function verdictTable(caption: string, verdicts: readonly ReportVerdict[]): HTMLElement {
  const columns = ["Verdict", "About", "Name", "Expected", "Got", "In words"].map((title) => {
    return { title, isPhrase: title === "Name" || title === "Expected" };
  });
  const rows = verdicts.map(({ status, group, name, expected, actual, message }) => {
    return [badge(status), group, name, expected ?? "–", actual ?? "–", h("span", { class: "words" }, message)];
  });
  return table(caption, columns, { rows, isStacked: true });
}
