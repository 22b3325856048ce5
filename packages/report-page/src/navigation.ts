import { h } from "./dom.js";

/** Links to the sections. */
export function navigation(sections: readonly HTMLElement[]): HTMLElement {
  const links = sections.map((section) => {
    return h("a", { href: `#${section.id}` }, section.querySelector("h2")?.textContent ?? section.id);
  });
  return h("nav", { "aria-label": "Sections" }, ...links);
}
