import { h } from "./dom.js";
import { themeButton } from "./theme.js";

/** What stands above the first section of a page. */
export interface PageHeader {
  readonly title: string;
  /** Those without a value are left out. */
  readonly facts: readonly (string | null | undefined)[];
  readonly completeness: { readonly status: string; readonly reason?: string | null };
}

/** Title, facts, and why the result is partial, if it is. */
export function pageHeader({ title, facts, completeness }: PageHeader): HTMLElement {
  const known = facts.filter((fact) => fact !== undefined && fact !== null && fact !== "");
  const partial =
    completeness.status === "partial"
      ? h("p", { class: "banner" }, `Partial result: ${completeness.reason}`)
      : undefined;
  return h(
    "header",
    { class: "page-header" },
    h("div", { class: "title-row" }, h("h1", {}, title), themeButton()),
    h("p", { class: "subtitle" }, known.join("  ·  ")),
    partial,
  );
}
