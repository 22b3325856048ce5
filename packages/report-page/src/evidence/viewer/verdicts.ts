import { h, note } from "../../dom.js";
import { formatMs, plural, type PageBundle, type PageStop, type RecordedFault } from "../../testkit.js";
import { codeBlock } from "../code-block.js";
import { describeExit, factCard, factTable } from "./facts.js";

/** Judgements of the test and the framework: verdicts, findings, faults, and how the worker was stopped. */
export function verdictsView(bundle: PageBundle): HTMLElement {
  const { verdicts, findings, faults, failures, stop, droppedVerdictCount } = bundle;
  const parts = [
    h("h4", {}, "Verdicts"),
    verdicts.length === 0 ? note("The test recorded no verdict.") : verdictTable(verdicts),
    ...(droppedVerdictCount === 0 ? [] : [note(`${plural(droppedVerdictCount, "more verdict")} did not fit into the bundle.`)]), // prettier-ignore
    h("h4", {}, "Why the stop failed"),
    ...(failures.length === 0 ? [note("It did not fail.")] : failures.map(({ name, code, message }) => failureView(code ?? name, message))), // prettier-ignore
    h("h4", {}, "Findings"),
    findings.length === 0 ? note("Nothing was noticed.") : findingTable(findings),
    h("h4", {}, "Faults"),
    faults.length === 0 ? note("No fault was armed.") : faultTable(faults),
    stop === null ? note("How the worker was stopped is not known.") : factCard("Stop", stopFacts(stop)),
  ];
  return h("div", { class: "stack" }, ...parts);
}

/** The record of faults, with the time of the first effect of each. */
export function faultTable(faults: readonly RecordedFault[]): HTMLElement {
  const rows = faults.map(({ key, optional, matched, fired, bypassed, skipped, firedAtMs }) => {
    const reasons = Object.entries(bypassed).map(([reason, count]) => `${count} × ${reason}`);
    const when = firedAtMs === undefined ? "" : ` (first at ${formatMs(firedAtMs)})`;
    const never = fired === 0 ? (optional ? "never (optional)" : "never") : `${fired} ×${when}`;
    return [key, never, String(matched), String(skipped), reasons.join("; ")];
  });
  return factTable(["Fault", "Fired", "Chosen", "Skipped", "Did not happen"], rows, "Faults");
}

/** How a stop went. */
export function stopFacts(stop: PageStop): readonly (readonly [string, string])[] {
  const { exit, endedBefore, killed, survivors, tookMs } = stop;
  const how = describeExit(exit);
  const left = survivors.map(({ pid, command }) => `${pid} ${command}`).join("; ");
  return [
    ["exit", endedBefore ? `${how}, before the stop` : how],
    ["took", formatMs(tookMs)],
    ["killed", killed ? "yes: it outlived the grace period" : "no"],
    ["survivors", left === "" ? "none" : `${survivors.length}: ${left}`],
  ];
}

function verdictTable(verdicts: PageBundle["verdicts"]): HTMLElement {
  const rows = verdicts.map(({ name, status, message = "", atMs }) => {
    return [
      h("span", { class: `badge ${status === "skip" ? "advisory" : status}` }, status),
      name,
      formatMs(atMs),
      codeBlock(message),
    ];
  });
  return factTable(["Verdict", "Name", "At", "Message"], rows, "Verdicts");
}

function findingTable(findings: PageBundle["findings"]): HTMLElement {
  const rows = findings.map(({ code, status, message, jobId = "", explainedBy }) => {
    const look = status === "fails" ? "fail" : "advisory";
    const why = explainedBy === undefined ? "" : ` by ${explainedBy}`;
    return [h("span", { class: `badge ${look}` }, `${status}${why}`), code, jobId, message];
  });
  return factTable(["Finding", "Code", "Job", "What was seen"], rows, "Findings");
}

function failureView(code: string, message: string): HTMLElement {
  return h("div", {}, h("span", { class: "badge fail" }, code), codeBlock(message, { name: code }));
}
