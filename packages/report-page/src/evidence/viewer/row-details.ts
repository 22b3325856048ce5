import { h, note } from "../../dom.js";
import { formatBytes, toCurl } from "../../testkit.js";
import { codeBlock } from "../code-block.js";
import { formatAt } from "../format-at.js";
import { copyable } from "../copy-button.js";
import { formatJson } from "../format-json.js";
import { showBody, sizeOf } from "../model/bodies.js";
import type { ExchangeModel } from "../model/exchange-model.js";
import type { Row } from "../model/rows.js";
import { logAround } from "./log.js";
import type { ViewerState } from "./viewer-state.js";

/** The chosen row in full, with the rule that it broke, the worker's log at that moment, and the command that repeats the request. */
export function rowDetails(state: ViewerState, model: ExchangeModel): HTMLElement {
  const row = model.rows[state.row];
  const curl = toCurl(model.exchange, state.bundle.metadata.worker.url);
  return h(
    "div",
    {},
    ...(row === undefined ? [note("Choose a line of the transcript to see it in full.")] : rowParts(row, model)),
    h("h4", {}, "Worker's log at this moment"),
    logAround(state.bundle, state.atMs),
    curl === undefined ? undefined : copyable("Repeat the request", curl),
  );
}

function rowParts(row: Row, model: ExchangeModel): HTMLElement[] {
  const { exchange } = model;
  const { label, atMs, event, detail, bytes, isViolation } = row;
  const name = event === null ? label : `Event ${event}: ${label}`;
  const parts: HTMLElement[] = [h("h4", {}, `${name}, ${formatAt(atMs - exchange.sentAtMs)} after the request`)];
  if (isViolation && exchange.violation !== null) parts.push(violationBox(exchange.violation));
  if (detail !== "") parts.push(codeBlock(formatJson(detail), { name }));
  if (bytes !== null) {
    parts.push(h("h4", {}, `Bytes (${formatBytes(sizeOf(bytes))})`), codeBlock(showBody(bytes), { name: "Bytes" }));
  }
  return parts;
}

function violationBox({ rule, expected, actual }: NonNullable<ExchangeModel["exchange"]["violation"]>): HTMLElement {
  return h(
    "div",
    { class: "violation-box" },
    h("strong", {}, `Broken rule: ${rule}`),
    h(
      "dl",
      { class: "check-facts" },
      h("dt", {}, "expected"),
      h("dd", {}, expected),
      h("dt", {}, "got"),
      h("dd", {}, actual),
    ),
  );
}
