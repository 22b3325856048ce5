import { button, h, note } from "../dom.js";
import { formatBytes, formatCount, formatMs, plural, type PageExchange } from "../testkit.js";
import { readArrivals, type Arrival, type Message } from "./messages.js";

/** Rows that are drawn at first: a body of single bytes has thousands. */
const FIRST_ROWS = 200;
const ENDS: Readonly<Record<PageExchange["ended"], string>> = {
  ended: "the answer ended",
  left: "the client left",
  broken: "the answer broke off",
  open: "the answer was still open when the check ended",
  "no-answer": "no answer arrived",
};

/** One request and its answer: what was sent, and what arrived when, with the messages of the stream beside the bytes. */
export function exchangeView(exchange: PageExchange): HTMLElement {
  const { number, method, path, sentAtMs, status } = exchange;
  const answer = status === null ? "no answer" : String(status);
  return h(
    "section",
    { class: "exchange", "aria-label": `Request ${number}` },
    h("h4", {}, `${number}. `, h("code", {}, `${method} ${path}`), ` → ${answer}`),
    note(`sent ${formatMs(sentAtMs)} after the first request of the check`),
    sentPart(exchange),
    receivedPart(exchange),
  );
}

function sentPart({ method, path, requestHeaders, requestBody }: PageExchange): HTMLElement {
  return h(
    "div",
    { class: "sent" },
    h("h5", {}, "Sent"),
    h("code", { class: "bytes" }, `${method} ${path}`),
    headerLines(requestHeaders),
    requestBody === null ? note("no body") : h("code", { class: "bytes" }, requestBody),
  );
}

function receivedPart(exchange: PageExchange): HTMLElement {
  const { status, headers, headersAtMs } = exchange;
  const part = h("div", { class: "received" }, h("h5", {}, "Received"));
  if (status !== null) {
    const line = h("code", { class: "bytes" }, `status ${status} after ${formatMs(headersAtMs)}`);
    part.append(h("div", {}, line, headerLines(headers)));
  }
  const arrivals = readArrivals(exchange);
  if (arrivals.length > 0) part.append(arrivalTable(arrivals));
  part.append(note(describeEnd(exchange)));
  const { cutBytes, omittedBytes } = exchange;
  if (cutBytes > 0) part.append(note(`${formatCount(cutBytes)} more bytes of this answer are in conformance.json.`));
  if (omittedBytes > 0) part.append(note(`${formatCount(omittedBytes)} more bytes of this answer were not kept.`));
  return part;
}

function describeEnd({ ended, endedAtMs, problem }: PageExchange): string {
  const when = endedAtMs === null ? "" : ` after ${formatMs(endedAtMs)}`;
  return `${ENDS[ended]}${when}${problem === null ? "" : `: ${problem}`}`;
}

function headerLines(headers: Readonly<Record<string, string>>): HTMLElement | undefined {
  const lines = Object.entries(headers).map(([name, value]) => h("code", { class: "bytes" }, `${name}: ${value}`));
  if (lines.length === 0) return undefined;
  return h("details", { class: "headers" }, h("summary", {}, plural(lines.length, "header")), ...lines);
}

function arrivalTable(arrivals: readonly Arrival[]): HTMLElement {
  const hasMessages = arrivals.some(({ messages }) => messages.length > 0);
  const titles = ["After", "Bytes", ...(hasMessages ? ["Events"] : [])];
  const body = h("tbody", {}, ...arrivals.slice(0, FIRST_ROWS).map((each) => arrivalRow(each, hasMessages)));
  const box = h(
    "div",
    { class: "table-box", tabindex: 0, role: "region", "aria-label": "Parts of the answer" },
    h(
      "table",
      { class: "arrivals stacked" },
      h("thead", {}, h("tr", {}, ...titles.map((title) => h("th", { scope: "col" }, title)))),
      body,
    ),
  );
  const rest = arrivals.slice(FIRST_ROWS);
  if (rest.length === 0) return box;
  const more = button(`Show ${plural(rest.length, "more part")}`, () => {
    body.append(...rest.map((each) => arrivalRow(each, hasMessages)));
    more.remove();
  });
  return h("div", {}, box, more);
}

function arrivalRow({ atMs, text, messages }: Arrival, hasMessages: boolean): HTMLElement {
  const size = new TextEncoder().encode(text).length;
  return h(
    "tr",
    {},
    h("td", { class: "when" }, formatMs(atMs), h("span", { class: "size" }, formatBytes(size))),
    h("td", { "data-label": "Bytes" }, h("code", { class: "bytes" }, text)),
    hasMessages ? h("td", { "data-label": "Events" }, ...messages.map(messageView)) : undefined,
  );
}

function messageView({ name, data }: Message): HTMLElement {
  const label = name === null ? undefined : h("span", { class: "badge advisory" }, name);
  return h("div", { class: "message" }, label, h("code", { class: "bytes" }, data));
}
