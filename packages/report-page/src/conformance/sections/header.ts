import { h } from "../../dom.js";
import { formatTime } from "../../format.js";
import { themeButton } from "../../theme.js";
import type { Context } from "../context.js";

/** What was checked, and when. */
export function header({ report }: Context): HTMLElement {
  const { server, level, createdAt, generator, completeness } = report;
  const facts = [
    formatTime(createdAt),
    server.dialect,
    server.model ?? "",
    `level ${level}`,
    `${generator.name} ${generator.version}`,
  ].filter((fact) => fact !== "");
  const partial =
    completeness.status === "partial"
      ? h("p", { class: "banner" }, `Partial result: ${completeness.reason}`)
      : undefined;
  return h(
    "header",
    { class: "page-header" },
    h("div", { class: "title-row" }, h("h1", {}, `Conformance of ${server.url}`), themeButton()),
    h("p", { class: "subtitle" }, facts.join("  ·  ")),
    partial,
  );
}
