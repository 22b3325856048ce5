import { h } from "../../dom.js";
import { TABS, type Tab } from "../address.js";
import type { ViewerState } from "./viewer-state.js";

const TITLES: Readonly<Record<Tab, string>> = {
  transcript: "Transcript",
  log: "Log",
  request: "Request",
  verdicts: "Verdicts",
  machine: "Machine",
};

/** Tabs with their panels: arrows move between them. A panel is made when it is shown first. */
export function tabs(state: ViewerState, panels: Readonly<Record<Tab, () => HTMLElement>>): HTMLElement {
  const buttons = TABS.map((tab) => tabButton(tab, state));
  const boxes = TABS.map((tab) => h("div", { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, class: "panel" })); // prettier-ignore
  const list = h("div", { role: "tablist", "aria-label": "Parts of the evidence", class: "tabs" }, ...buttons);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (TABS.indexOf(state.tab) + step + TABS.length) % TABS.length;
    state.showTab(TABS[next] ?? "transcript");
    buttons[next]?.focus();
  });
  const update = (): void => {
    for (const [index, tab] of TABS.entries()) {
      const isShown = tab === state.tab;
      buttons[index]?.setAttribute("aria-selected", String(isShown));
      buttons[index]?.setAttribute("tabindex", isShown ? "0" : "-1");
      const box = boxes[index];
      if (box === undefined) continue;
      box.hidden = !isShown;
      if (isShown && box.childElementCount === 0) box.append(panels[tab]());
    }
  };
  state.onChange(update);
  update();
  return h("div", { class: "tab-frame" }, list, ...boxes);
}

function tabButton(tab: Tab, state: ViewerState): HTMLButtonElement {
  const attributes = { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": `panel-${tab}` };
  const element = h("button", attributes, TITLES[tab]);
  element.addEventListener("click", () => state.showTab(tab));
  return element;
}
