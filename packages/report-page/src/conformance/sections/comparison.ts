import { h, note, section } from "../../dom.js";
import { formatTime, shorten } from "../../format.js";
import { table } from "../../table.js";
import type { CheckStatus, ConformanceComparison, PageCheck } from "../../testkit.js";
import type { Context } from "../context.js";
import { addressOf, mark, STATUS_NAMES } from "../marks.js";

/** What got worse and better since the baseline; nothing without one. */
export function comparisonSection({ report: { comparison, checks } }: Context): HTMLElement | undefined {
  if (comparison === null) return undefined;
  const { worse, better, added, removed, createdAt } = comparison;
  const counts = `${worse.length} worse, ${better.length} better, ${added.length} only in this run, ${removed.length} only in the baseline.`;
  const made = section(
    "baseline",
    "Baseline",
    h("p", {}, `Compared with the report of ${formatTime(createdAt)}: `, counts),
  );
  const rows = rowsOf(comparison, checks);
  if (rows.length === 0) made.append(note("No check has another verdict."));
  else {
    const columns = [
      { title: "Change" },
      { title: "Check" },
      { title: "Baseline" },
      { title: "This run" },
      { title: "Expected" },
      { title: "Got" },
    ];
    made.append(table("Checks with another verdict", columns, { rows, isStacked: true }));
  }
  return made;
}

function rowsOf(
  { worse, better, added, removed }: ConformanceComparison,
  checks: readonly PageCheck[],
): (string | Node)[][] {
  return [
    ...worse.map(({ id, before, after }) => {
      const check = checks.find((each) => each.id === id);
      const verdicts = [verdict(before), verdict(after)];
      return [change("worse", "fail"), link(id), ...verdicts, ...(check === undefined ? ["–", "–"] : evidence(check))];
    }),
    ...better.map(({ id, before, after }) => {
      return [change("better", "pass"), link(id), verdict(before), verdict(after), "–", "–"];
    }),
    ...added.map((id) => [change("new", "advisory"), link(id), "–", "see the check", "–", "–"]),
    ...removed.map((id) => [change("not run", "advisory"), id, "see the baseline", "–", "–", "–"]),
  ];
}

/** What was expected and what the server did; without an expectation, why the check has no verdict. */
function evidence({ expected, got, message }: PageCheck): string[] {
  return [shorten(expected ?? "–"), shorten(got ?? message)];
}

function change(word: string, color: string): HTMLElement {
  return h("span", { class: `badge ${color}` }, word);
}

function link(id: string): HTMLElement {
  return h("a", { href: `#${addressOf(id)}` }, id);
}

function verdict(status: CheckStatus): HTMLElement {
  return h("span", { class: "verdict" }, mark(status), STATUS_NAMES[status]);
}
