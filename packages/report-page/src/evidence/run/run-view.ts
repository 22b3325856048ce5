import { h, note } from "../../dom.js";
import { formatCount, plural, type EvidencePageData, type PageRun } from "../../testkit.js";
import { formatAddress } from "../address.js";
import { codeBlock } from "../code-block.js";
import { TestFilter } from "./test-filter.js";
import { TestList } from "./test-list.js";
import { STATUS_NAMES, TEST_STATUSES } from "./test-status.js";
import { failureOf, firstLine } from "./test-view.js";

/** What a run of tests is called, in one sentence. */
export function summarize({ tests, errors, omittedTestCount }: PageRun): string {
  const counts = TEST_STATUSES.flatMap((status) => {
    const count = tests.filter((test) => test.status === status).length;
    return count === 0 ? [] : [`${formatCount(count)} ${STATUS_NAMES[status]}`];
  });
  const others = errors.length === 0 ? [] : [plural(errors.length, "error") + " outside tests"];
  const omitted = omittedTestCount === 0 ? [] : [`${formatCount(omittedTestCount)} more`];
  return [...counts, ...others, ...omitted].join(", ");
}

/** The page of a run. */
export interface RunView {
  readonly element: HTMLElement;
  /** Opens a test by its number; without one, the first that failed. */
  readonly open: (test: number | undefined) => void;
}

/** All tests, failures first; each opens with its error, its worker and its evidence. */
export function runView(data: EvidencePageData, run: PageRun): RunView {
  const filter = new TestFilter();
  const list = new TestList(data, run, filter);
  const title = h("h2", { id: "tests-title" }, "Tests");
  const omitted = `${plural(run.omittedTestCount, "more test")} did not fit into this page; those that failed come first.`;
  const element = h(
    "div",
    { class: "run" },
    banner(data, run),
    ...run.errors.map(outsideError),
    h(
      "section",
      { id: "tests", "aria-labelledby": "tests-title" },
      title,
      toolbar(run, filter, list.count),
      list.element,
    ),
    run.omittedTestCount > 0 ? note(omitted) : undefined,
  );
  return { element, open: (test) => list.open(test) };
}

function outsideError({ message, stack }: PageRun["errors"][number]): HTMLElement {
  const summary = h("summary", {}, h("strong", {}, "Error outside tests: "), firstLine(message));
  return h("details", { class: "card error-card" }, summary, codeBlock(stack ?? message, { name: "Error" }));
}

/** What failed and when, and the way to its evidence. */
function banner(data: EvidencePageData, run: PageRun): HTMLElement {
  const hasFailed = run.errors.length > 0 || run.tests.some(({ status }) => status === "failed");
  const isEmpty = run.tests.length === 0;
  const look = hasFailed ? "fail" : isEmpty ? "" : "pass";
  const first = run.tests.find(({ status }) => status === "failed");
  const bundle = first?.workers.find((worker) => worker.bundle !== null)?.bundle ?? undefined;
  return h(
    "div",
    { class: `verdict-banner ${look}` },
    h("span", { class: "verdict-word" }, hasFailed ? "fail" : isEmpty ? "no test" : "pass"),
    h("span", { class: "banner-text" }, summarize(run)),
    first === undefined
      ? undefined
      : h("span", { class: "banner-first" }, h("strong", {}, first.name), ` ${failureOf(data, first)}`),
    bundle === undefined
      ? undefined
      : h("a", { href: formatAddress({ bundle }), class: "button" }, "Open its evidence"),
  );
}

function toolbar(run: PageRun, filter: TestFilter, count: HTMLElement): HTMLElement {
  const chips = TEST_STATUSES.flatMap((status) => {
    const amount = run.tests.filter((test) => test.status === status).length;
    if (amount === 0) return [];
    const box = h("input", { type: "checkbox", "data-status": status });
    box.checked = true;
    box.addEventListener("change", () => filter.setShown(status, box.checked));
    return [
      h(
        "label",
        { class: "chip" },
        box,
        ` ${STATUS_NAMES[status]} `,
        h("span", { class: "chip-count" }, formatCount(amount)),
      ),
    ];
  });
  const field = h("input", { type: "search", placeholder: "test, file, error, fault", "aria-label": "Search tests" });
  field.addEventListener("input", () => filter.setText(field.value));
  return h("div", { class: "toolbar" }, h("div", { class: "filter", role: "group", "aria-label": "Filter by status" }, ...chips), field, count); // prettier-ignore
}
