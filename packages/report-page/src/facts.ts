import { h } from "./dom.js";

/** Names and values. Those without a value are left out. */
export type Facts = readonly (readonly [name: string, value: string | number | null | undefined])[];

/** A card with what is known; nothing if none of it is. */
export function factList(title: string, facts: Facts): HTMLElement | undefined {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (known.length === 0) return undefined;
  const items = known.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]);
  return h("div", { class: "facts" }, h("h3", {}, title), h("dl", {}, ...items));
}
