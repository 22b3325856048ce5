import { h, note } from "../../dom.js";
import { formatCount, formatMs, plural, type EvidencePageData, type PageRun, type PageTest, type PageTestStatus, type PageWorker } from "../../testkit.js"; // prettier-ignore
import { formatAddress } from "../address.js";
import { codeBlock } from "../code-block.js";
import { describeFailure } from "../model/opening.js";
import { statusMark } from "../status-mark.js";
import { TestFilter } from "./test-filter.js";
import { testDetails } from "./test-details.js";

/** The order of the list. */
const STATUSES: readonly PageTestStatus[] = ["failed", "not-run", "passed", "skipped"];
const NAMES: Readonly<Record<PageTestStatus, string>> = {
  failed: "failed",
  "not-run": "did not run",
  passed: "passed",
  skipped: "skipped",
};
const LONGEST_PROBLEM = 300;

/** What a run of tests is called, in one sentence. */
export function summarize({ tests, errors, omittedTestCount }: PageRun): string {
  const counts = STATUSES.flatMap((status) => {
    const count = tests.filter((test) => test.status === status).length;
    return count === 0 ? [] : [`${formatCount(count)} ${NAMES[status]}`];
  });
  const others = errors.length === 0 ? [] : [plural(errors.length, "error") + " outside tests"];
  const omitted = omittedTestCount === 0 ? [] : [`${formatCount(omittedTestCount)} more that did not fail`];
  return [...counts, ...others, ...omitted].join(", ");
}

/** All tests, failures first; each opens with its error, its worker and its evidence. */
export function runView(data: EvidencePageData, run: PageRun): HTMLElement {
  const filter = new TestFilter();
  const ordered = [...run.tests.entries()].sort(([, one], [, other]) => rank(one) - rank(other));
  const views = ordered.map(([number, test]) => ({ test, view: testView({ data, test, number }) }));
  const count = h("span", { class: "count", "aria-live": "polite" });
  const nothing = note("No test matches the filter.");
  const update = (): void => {
    for (const { test, view } of views) view.hidden = !filter.shows(test);
    const shown = views.filter(({ view }) => !view.hidden).length;
    count.textContent = `${formatCount(shown)} of ${plural(views.length, "test")} shown`;
    nothing.hidden = shown > 0;
  };
  filter.onChange(update);
  update();
  const first = views[0];
  if (first?.test.status === "failed") first.view.open = true;
  return h(
    "div",
    { class: "run" },
    banner(data, run),
    ...run.errors.map(outsideError),
    h("section", { id: "tests", "aria-labelledby": "tests-title" }, h("h2", { id: "tests-title" }, "Tests"), toolbar(run, filter, count), h("div", { class: "checks" }, ...views.map(({ view }) => view)), nothing), // prettier-ignore
    ...(run.omittedTestCount > 0 ? [note(`${plural(run.omittedTestCount, "test")} that did not fail are left out of this page.`)] : []), // prettier-ignore
  );
}

function rank({ status }: PageTest): number {
  return STATUSES.indexOf(status);
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
  const chips = STATUSES.flatMap((status) => {
    const amount = run.tests.filter((test) => test.status === status).length;
    if (amount === 0) return [];
    const box = h("input", { type: "checkbox", "data-status": status });
    box.checked = true;
    box.addEventListener("change", () => filter.setShown(status, box.checked));
    return [
      h("label", { class: "chip" }, box, ` ${NAMES[status]} `, h("span", { class: "chip-count" }, formatCount(amount))),
    ];
  });
  const field = h("input", { type: "search", placeholder: "test, file, error, fault", "aria-label": "Search tests" });
  field.addEventListener("input", () => filter.setText(field.value));
  return h("div", { class: "toolbar" }, h("div", { class: "filter", role: "group", "aria-label": "Filter by status" }, ...chips), field, count); // prettier-ignore
}

interface TestViewParts {
  readonly data: EvidencePageData;
  readonly test: PageTest;
  readonly number: number;
}

function testView({ data, test, number }: TestViewParts): HTMLDetailsElement {
  const { name, file, status, durationMs, note: why } = test;
  const problem = status === "failed" ? failureOf(data, test) : (why ?? "");
  const details = h(
    "details",
    { class: `check ${status === "failed" ? "fail" : ""}`, id: `test-${number}` },
    h(
      "summary",
      {},
      statusMark(status),
      h("span", { class: "check-title" }, h("strong", {}, name), file === null ? "" : ` ${file}`),
      h("span", { class: "check-time" }, durationMs === null ? "" : formatMs(durationMs)),
      ...test.workers.map((worker) => h("span", { class: "test-worker" }, describeWorker(worker))),
      problem === "" ? undefined : h("span", { class: "problem" }, problem.slice(0, LONGEST_PROBLEM)),
    ),
  );
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(testDetails(data, test));
  });
  return details;
}

/** Start, stop and faults of a worker in one line. */
function describeWorker({ kind, readyAfterMs, stop, faults }: PageWorker): string {
  const left = stop?.survivors.length ?? 0;
  const parts = [
    readyAfterMs === null ? kind : `${kind} ready after ${formatMs(readyAfterMs)}`,
    ...(stop === null ? [] : [`${stop.killed ? "killed" : "stopped"} in ${formatMs(stop.tookMs)}`]),
    ...(left === 0 ? [] : [plural(left, "survivor")]),
    ...faults.map(({ key, fired }) => (fired === 0 ? `${key} never fired` : `${key} fired ${fired} ×`)),
  ];
  return parts.join(" · ");
}

/** What its evidence shows is more exact than the message: it has the time. */
function failureOf({ bundles }: EvidencePageData, test: PageTest): string {
  const shown = test.workers.flatMap(({ bundle }) => (bundle === null ? [] : (bundles[bundle] ?? [])));
  const broken = shown.find(({ exchanges }) => exchanges.some(({ isJob, status }) => isJob && status === "fail"));
  return (broken && describeFailure(broken)) ?? problemOf(test);
}

function problemOf({ errors }: PageTest): string {
  return firstLine(errors[0]?.message ?? "no error was reported");
}

/** The line after one that ends with a colon belongs to it. */
function firstLine(text: string): string {
  const [first = "", second = ""] = text.split("\n", 2);
  return first.endsWith(":") ? `${first} ${second.trim()}` : first;
}
