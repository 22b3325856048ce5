import { h, note } from "../../dom.js";
import { formatBytes, formatMs, type PageBody } from "../../testkit.js";
import { formatAt } from "../format-at.js";
import { showBody, sizeOf } from "../model/bodies.js";
import type { ExchangeModel } from "../model/exchange-model.js";
import type { Row } from "../model/rows.js";
import { VirtualList } from "../virtual-list.js";
import { rowDetails } from "./row-details.js";
import type { ViewerState } from "./viewer-state.js";

const LONGEST_CELL = 300;

/** Everything that was sent and received, a line each, with bytes and events side by side; the chosen line is shown in full beside it. */
export function transcript(state: ViewerState): HTMLElement {
  let shown: ExchangeModel | undefined;
  const details = h("div", { class: "details" });
  const about = note("");
  const list = new VirtualList({
    label: "Transcript",
    rowHeightPx: 30,
    renderRow: (index) => rowView(shown, index),
    onSelect: (index) => state.chooseRow(index),
  });
  const frame = h("div", { class: "transcript" }, h("div", {}, list.element, about), details);
  const update = (): void => {
    const { model } = state;
    if (model !== shown) {
      shown = model;
      list.setCount(model?.rows.length ?? 0);
      about.textContent = model === undefined ? "" : aboutBytes(model);
      list.element.classList.toggle("with-bytes", hasBytes(model));
    }
    list.select(state.row);
    details.replaceChildren(...(model === undefined ? [] : [rowDetails(state, model)]));
  };
  state.onChange(update);
  update();
  return frame;
}

function hasBytes(model: ExchangeModel | undefined): boolean {
  return model?.rows.some(({ bytes }) => bytes !== null) === true;
}

function aboutBytes(model: ExchangeModel): string {
  if (hasBytes(model)) return "";
  return model.events.length === 0 ? "" : "The bytes of this stream were not kept: its events describe it completely.";
}

function rowView(model: ExchangeModel | undefined, index: number): HTMLElement {
  const row = model?.rows[index];
  if (model === undefined || row === undefined) return h("div");
  const { atMs, label, line, event, bytes, isViolation, kind } = row;
  const before = model.rows[index - 1];
  const since = before === undefined ? "" : `+${formatMs(atMs - before.atMs)}`;
  return h(
    "div",
    { class: `row ${kind}${isViolation ? " violation" : ""}` },
    h("span", { class: "row-number" }, event === null ? arrowOf(row) : String(event)),
    h("span", { class: "row-time" }, formatAt(atMs - model.exchange.sentAtMs)),
    h("span", { class: "row-since" }, since),
    h("span", { class: "row-bytes" }, bytes === null ? "" : bytesCell(bytes)),
    h(
      "span",
      { class: "row-line" },
      h("strong", {}, isViolation ? `✗ ${label}` : label),
      " ",
      line.slice(0, LONGEST_CELL),
    ),
  );
}

function arrowOf({ kind }: Row): string {
  if (kind === "sent") return "→";
  return kind === "moment" ? "◆" : "←";
}

function bytesCell(body: PageBody): string {
  return `${formatBytes(sizeOf(body))}  ${showBody(body).slice(0, LONGEST_CELL)}`;
}
