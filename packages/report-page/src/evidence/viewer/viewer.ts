import { button, h } from "../../dom.js";
import { formatTime } from "../../format.js";
import { formatMs, plural, type PageBundle } from "../../testkit.js";
import { describeFailure, nameOf } from "../model/opening.js";
import { statusMark } from "../status-mark.js";
import { jobList } from "./jobs.js";
import { logView } from "./log.js";
import { machineView } from "./machine.js";
import { requestView } from "./request.js";
import { tabs } from "./tabs.js";
import { timeLine } from "./time-line.js";
import { transcript } from "./transcript.js";
import { verdictsView } from "./verdicts.js";
import type { ViewerState } from "./viewer-state.js";

/** One bundle: what failed, its jobs, and the chosen one in full. */
export function viewer(state: ViewerState): HTMLElement {
  const { bundle } = state;
  const panels = {
    transcript: () => transcript(state),
    log: () => logView(state),
    request: () => requestView(state),
    verdicts: () => verdictsView(bundle),
    machine: () => machineView(bundle),
  };
  return h(
    "div",
    { class: "viewer" },
    banner(state),
    ...notices(bundle),
    h("div", { class: "viewer-columns" }, jobList(state), h("div", { class: "viewer-main" }, jobHead(state), timeLine(state), tabs(state, panels))), // prettier-ignore
  );
}

/** The facts about a bundle that stand under its title. */
export function bundleFacts({ metadata, folder }: PageBundle): readonly string[] {
  const { worker, dialect, createdAt } = metadata;
  const version = worker.version === undefined ? "" : ` ${worker.version}`;
  return [formatTime(createdAt), `worker ${worker.id}${version}`, `dialect ${dialect}`, folder];
}

function banner(state: ViewerState): HTMLElement {
  const failure = describeFailure(state.bundle);
  const look = failure === undefined ? "pass" : "fail";
  const word = failure === undefined ? "no failure" : "fail";
  const hasViolation = state.bundle.exchanges.some(({ violation }) => violation !== null);
  return h(
    "div",
    { class: `verdict-banner ${look}` },
    h("span", { class: "verdict-word" }, word),
    h("span", { class: "banner-text" }, failure ?? "No failure is recorded in this bundle."),
    hasViolation
      ? button("Go to the violated event", () => goToFirstViolation(state), { class: "screen-only" })
      : undefined,
  );
}

function goToFirstViolation(state: ViewerState): void {
  if (state.model?.exchange.violation == null) {
    const broken = state.bundle.exchanges.find(({ violation }) => violation !== null);
    if (broken !== undefined) state.choose(broken);
  }
  state.goToViolation();
}

/** What is missing from the bundle, and what is redacted in it. */
function notices({ metadata, cut, droppedVerdictCount }: PageBundle): HTMLElement[] {
  const { redacted, dropped } = metadata;
  const hidden = [
    ...(redacted.prompts ? ["prompts"] : []),
    ...(redacted.text ? ["generated text"] : []),
    ...(redacted.log ? ["log lines"] : []),
  ];
  const missing = [
    ...(cut === null ? [] : [`${plural(cut.droppedLineCount, "line")} of the transcript`, ...(cut.droppedBodyCount > 0 ? [plural(cut.droppedBodyCount, "whole answer")] : [])]), // prettier-ignore
    ...(dropped.logLines > 0 ? [plural(dropped.logLines, "log line")] : []),
    ...(dropped.seeds > 0 ? [plural(dropped.seeds, "seed")] : []),
    ...(dropped.timings > 0 ? [plural(dropped.timings, "timing")] : []),
    ...(droppedVerdictCount > 0 ? [plural(droppedVerdictCount, "verdict")] : []),
  ];
  const texts = [
    ...(hidden.length === 0 ? [] : [`Redacted: ${hidden.join(", ")}. Each text is replaced by its length and its SHA-256, each token by as many • as it had characters.`]), // prettier-ignore
    ...(missing.length === 0 ? [] : [`Incomplete: ${missing.join(", ")} did not fit into the bundle.`]),
  ];
  return texts.map((text) => h("p", { class: "banner" }, text));
}

function jobHead(state: ViewerState): HTMLElement {
  const head = h("div", { class: "job-head" });
  const update = (): void => {
    const { model } = state;
    if (model === undefined) {
      head.replaceChildren(h("h2", {}, "No request was recorded"));
      return;
    }
    const { exchange } = model;
    const took = exchange.outcome === null ? "" : ` · ${formatMs(exchange.outcome.atMs - exchange.sentAtMs)}`;
    const facts = `${exchange.response?.status ?? "no answer"} · ${plural(exchange.events.length, "event")}${took} · ${exchange.summary}`;
    head.replaceChildren(
      h("h2", {}, statusMark(exchange.status), nameOf(exchange)),
      h("p", { class: "subtitle" }, facts),
    );
  };
  state.onChange(update);
  update();
  return head;
}
