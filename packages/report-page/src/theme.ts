import { button } from "./dom.js";

const THEMES = ["auto", "light", "dark"] as const;
const system = matchMedia("(prefers-color-scheme: dark)");
let chosen: (typeof THEMES)[number] = "auto";
const listeners: (() => void)[] = [];
let styles: CSSStyleDeclaration | undefined;

/** The current value of a colour in the style sheet. */
export function color(name: string): string {
  styles ??= getComputedStyle(document.documentElement);
  return styles.getPropertyValue(`--${name}`).trim();
}

/** Called when colours or the medium have changed: what is drawn on a canvas has to be drawn again. */
export function onRedraw(listener: () => void): void {
  listeners.push(listener);
}

/** Nothing of the page is drawn any more. */
export function forgetRedraws(): void {
  listeners.length = 0;
}

/** Whether the page is being printed: charts then have the width of the paper and light colours. */
export function isPrinting(): boolean {
  return document.documentElement.hasAttribute("data-print");
}

/** The button that goes from the system's theme to light, to dark, and back. */
export function themeButton(): HTMLButtonElement {
  const label = () => `Theme: ${chosen}`;
  const toggle = button(label(), () => {
    chosen = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length] ?? "auto";
    toggle.textContent = label();
    apply();
  });
  toggle.id = "theme";
  return toggle;
}

/** Takes the system's theme, and watches it and printing. */
export function watchTheme(): void {
  apply();
  system.addEventListener("change", apply);
  addEventListener("beforeprint", () => {
    document.documentElement.toggleAttribute("data-print", true);
    redraw();
  });
  addEventListener("afterprint", () => {
    document.documentElement.toggleAttribute("data-print", false);
    redraw();
  });
}

function apply(): void {
  document.documentElement.dataset["theme"] = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
  redraw();
}

function redraw(): void {
  styles = undefined;
  for (const listener of listeners) listener();
}
