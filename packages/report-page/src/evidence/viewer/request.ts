import { h, note } from "../../dom.js";
import { toCurl, toStartCommand, toTest } from "../../testkit.js";
import { codeBlock } from "../code-block.js";
import { copyable } from "../copy-button.js";
import { formatJson } from "../format-json.js";
import { showBody } from "../model/bodies.js";
import type { ViewerState } from "./viewer-state.js";

/** What was sent, the head of the answer, and how to send it again: with curl, and in a test. */
export function requestView(state: ViewerState): HTMLElement {
  const box = h("div", { class: "stack" });
  const update = (): void => box.replaceChildren(...(state.tab === "request" ? partsOf(state) : []));
  state.onChange(update);
  update();
  return box;
}

function partsOf({ model, bundle }: ViewerState): HTMLElement[] {
  if (model === undefined) return [note("The bundle has no request.")];
  const { exchange } = model;
  const { method, path, headers, body, response, seed } = exchange;
  const again = [
    ["Start the worker", toStartCommand(bundle)],
    ["As curl", toCurl(exchange, bundle.metadata.worker.url)],
    ["As a test", exchange.isJob ? toTest(exchange, bundle) : undefined],
  ] as const;
  return [
    h("h4", {}, "Sent"),
    h("code", { class: "bytes" }, `${method} ${path}`),
    headerTable("Headers of the request", headers),
    body === null ? note("no body") : codeBlock(formatJson(showBody(body)), { name: "Body of the request" }),
    ...(seed === null ? [] : [note(`The worker reported the seed ${seed}.`)]),
    h("h4", {}, response === null ? "No answer" : `Answer: status ${response.status}`),
    ...(response === null ? [] : [headerTable("Headers of the answer", response.headers)]),
    ...(bundle.metadata.redacted.prompts ? [note("The prompt was redacted: put one of your own in place of `[redacted: …]`.")] : []), // prettier-ignore
    ...again.flatMap(([title, text]) => (text === undefined ? [] : [copyable(title, text)])),
  ];
}

function headerTable(label: string, headers: Readonly<Record<string, string>>): HTMLElement {
  const rows = Object.entries(headers).map(([name, value]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)),
  );
  if (rows.length === 0) return note("no headers");
  return h("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": label }, h("table", { "aria-label": label }, h("tbody", {}, ...rows))); // prettier-ignore
}
