import { h } from "../../dom.js";
import { formatMs, plural, type EvidencePageData, type PageTest, type PageWorker } from "../../testkit.js";
import { formatAddress } from "../address.js";
import { describeFailure } from "../model/opening.js";
import { statusMark } from "../status-mark.js";
import { testDetails } from "./test-details.js";

const LONGEST_PROBLEM = 300;

/** A test and its place in the data. */
export interface TestViewParts {
  readonly data: EvidencePageData;
  readonly test: PageTest;
  readonly number: number;
}

/** A test as a line that opens; what is in it is made when it is opened first. */
export function testView({ data, test, number }: TestViewParts): HTMLDetailsElement {
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
    if (!details.open) return;
    if (details.childElementCount === 1) details.append(testDetails(data, test));
    if (details.isConnected && details.matches(":focus-within"))
      history.replaceState(null, "", formatAddress({ test: number }));
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
export function failureOf({ bundles }: EvidencePageData, test: PageTest): string {
  const shown = test.workers.flatMap(({ bundle }) => (bundle === null ? [] : (bundles[bundle] ?? [])));
  const broken = shown.find(({ exchanges }) => exchanges.some(({ isJob, status }) => isJob && status === "fail"));
  return (broken && describeFailure(broken)) ?? problemOf(test);
}

function problemOf({ errors }: PageTest): string {
  return firstLine(errors[0]?.message ?? "no error was reported");
}

/** The line after one that ends with a colon belongs to it. */
export function firstLine(text: string): string {
  const [first = "", second = ""] = text.split("\n", 2);
  return first.endsWith(":") ? `${first} ${second.trim()}` : first;
}
