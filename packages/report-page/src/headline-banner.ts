import { h } from "./dom.js";
import type { Headline } from "./testkit.js";

/** The first line of a page: the verdict, and the facts that decided it. */
export function headlineBanner({ status, word, facts }: Headline): HTMLElement {
  const [lead = "", ...others] = facts;
  const rest = others.map((fact) => h("span", { class: "headline-fact" }, fact));
  return h(
    "p",
    { class: `verdict-banner ${status}`, id: "headline" },
    h("span", { class: "verdict-word" }, word),
    h("strong", { class: "headline-fact" }, lead),
    ...rest,
  );
}
