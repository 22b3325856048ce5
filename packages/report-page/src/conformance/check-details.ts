import { button, h, note } from "../dom.js";
import { plural, toVisibleText, type PageCheck } from "../testkit.js";
import { exchangeView } from "./exchange.js";

type Fact = readonly [name: string, value: string | Node | null];

/** All that is known of one check: why it exists, what was expected and what the server did, and every request. */
export function checkDetails(check: PageCheck): HTMLElement {
  const { exchanges } = check;
  return h(
    "div",
    { class: "check-body" },
    factsOf(check),
    check.curl === null ? undefined : curlView(check.curl),
    exchanges.length === 0 ? undefined : h("h4", {}, attemptTitle(check)),
    ...leftOut(check).map(note),
    ...exchanges.map(exchangeView),
  );
}

function factsOf({ why, source, expected, got, message, deviation, notes = [] }: PageCheck): HTMLElement {
  const facts: Fact[] = [
    ["expected", expected === null ? null : h("code", {}, expected)],
    ["got", got === null ? null : h("code", {}, got)],
    ["reason", expected === null && message !== "" ? message : null],
    ...notes.map((text): Fact => ["note", text]),
    ["declared", deviation === null ? null : deviation.reason],
    ["link", deviation?.link === undefined ? null : linked(deviation.link)],
    ["why", why],
    ["source", h("span", {}, ...source.split("; ").flatMap((part, index) => [index > 0 ? "; " : "", linked(part)]))],
  ];
  const items = facts.flatMap(([name, value]) => (value === null ? [] : [h("dt", {}, name), h("dd", {}, value)]));
  return h("dl", { class: "check-facts" }, ...items);
}

/** An address of the web as a link; anything else as a text. */
function linked(text: string): Node {
  if (!/^https?:\/\/\S+$/.test(text)) return h("span", {}, text);
  return h("a", { href: text, rel: "noopener noreferrer" }, text);
}

function attemptTitle({ attempts }: PageCheck): string {
  return attempts > 1 ? `Transcript of attempt ${attempts}` : "Transcript";
}

function leftOut({ cutExchanges, omittedExchanges }: PageCheck): string[] {
  const cut = `${plural(cutExchanges, "more request")} with the answers: see conformance.json.`;
  const omitted = `${plural(omittedExchanges, "more request")} of this check: not kept.`;
  return [...(cutExchanges > 0 ? [cut] : []), ...(omittedExchanges > 0 ? [omitted] : [])];
}

/** The command that repeats the request. One with invisible characters would not be what it looks like, so it cannot be copied. */
function curlView(curl: string): HTMLElement {
  const code = h("code", { class: "bytes" }, curl);
  const isVisible = toVisibleText(curl) === curl;
  const copy = button("Copy", () => {
    navigator.clipboard.writeText(curl).then(
      () => (copy.textContent = "Copied"),
      () => getSelection()?.selectAllChildren(code),
    );
  });
  const warning = "It has invisible characters, which are escaped here; conformance.json has it as it is.";
  return h(
    "div",
    { class: "curl" },
    h("div", { class: "toolbar" }, h("h4", {}, "Repeat the request"), isVisible ? copy : undefined),
    code,
    isVisible ? undefined : note(warning),
  );
}
