import { h, note } from "../../dom.js";
import { plural, type PageBundle } from "../../testkit.js";
import { codeBlock } from "../code-block.js";
import { formatAt } from "../format-at.js";
import { lastAt } from "../model/exchange-model.js";
import { VirtualList } from "../virtual-list.js";
import type { ViewerState } from "./viewer-state.js";

const LINES_BEFORE = 4;
const LINES_AFTER = 3;
const LONGEST_LINE = 400;
type Line = PageBundle["log"][number];

/** The lines of the worker's log around a moment, with their distance from it. */
export function logAround({ log, metadata }: PageBundle, atMs: number): HTMLElement {
  if (log.length === 0) return note(nothing(metadata.worker.pid === undefined));
  const last = lastAt(log, atMs);
  const from = Math.max(0, last - LINES_BEFORE + 1);
  const items = log.slice(from, last + 1 + LINES_AFTER).map((line, index) => {
    const isLast = from + index === last;
    return h(
      "li",
      isLast ? { class: "moment" } : {},
      h("span", { class: "row-time" }, distance(line.atMs - atMs)),
      h("span", { class: "log-text" }, clip(line.text)),
    );
  });
  return h("ol", { class: "log-lines" }, ...items);
}

/** The worker's whole log; the last line before the moment that is looked at is chosen. */
export function logView(state: ViewerState): HTMLElement {
  const { log, metadata } = state.bundle;
  if (log.length === 0) return note(nothing(metadata.worker.pid === undefined));
  const whole = h("div", { class: "details" });
  const show = (index: number): void => {
    const line = log[index];
    whole.replaceChildren(...(line === undefined ? [] : [codeBlock(line.text, { name: "The whole line" })]));
  };
  const list = new VirtualList({
    label: "Log of the worker",
    rowHeightPx: 26,
    renderRow: (index) => lineView(log[index], state.model?.exchange.sentAtMs ?? 0),
    onSelect: show,
  });
  const update = (): void => {
    const last = lastAt(log, state.atMs);
    list.select(last);
    show(last);
  };
  list.setCount(log.length);
  state.onChange(update);
  update();
  const { logLines } = metadata.dropped;
  const dropped = logLines === 0 ? "" : ` ${plural(logLines, "earlier line")} did not fit into the bundle.`;
  const about = note(`Times are from the wall clock, in whole milliseconds after the request was sent.${dropped}`);
  return h("div", {}, list.element, about, whole);
}

function lineView(line: Line | undefined, sentAtMs: number): HTMLElement {
  if (line === undefined) return h("div");
  const { atMs, stream, text, start } = line;
  return h(
    "div",
    { class: `row ${stream}` },
    h("span", { class: "row-time" }, formatAt(atMs - sentAtMs)),
    h("span", { class: "row-since" }, start > 1 ? `${stream} ${start}` : stream),
    h("span", { class: "row-line" }, clip(text)),
  );
}

function distance(ms: number): string {
  return `${ms > 0 ? "+" : "−"}${formatAt(Math.abs(ms))}`;
}

function clip(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
}

function nothing(isAttached: boolean): string {
  return isAttached ? "The worker was attached, so its log is not known." : "The worker wrote no log line.";
}
