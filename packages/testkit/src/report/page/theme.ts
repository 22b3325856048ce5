import { button } from "./dom.js";

const THEMES = ["auto", "light", "dark"] as const;
const listeners: (() => void)[] = [];
let styles: CSSStyleDeclaration | undefined;

/** A colour of the style sheet, as it is now. */
export function color(name: string): string {
  styles ??= getComputedStyle(document.documentElement);
  return styles.getPropertyValue(`--${name}`).trim();
}

/** Called when colours or the medium have changed: what is drawn on a canvas has to be drawn again. */
export function onRedraw(listener: () => void): void {
  listeners.push(listener);
}

/** Whether the page is being printed: charts then have the width of the paper and light colours. */
export function isPrinting(): boolean {
  return document.documentElement.hasAttribute("data-print");
}

/** The button that goes from the system's theme to light, to dark, and back. */
export function themeButton(): HTMLButtonElement {
  let position = 0;
  const label = () => `Theme: ${THEMES[position] ?? "auto"}`;
  const toggle = button(label(), () => {
    position = (position + 1) % THEMES.length;
    document.documentElement.dataset["theme"] = THEMES[position] ?? "auto";
    toggle.textContent = label();
    redraw();
  });
  toggle.id = "theme";
  return toggle;
}

/** Watches the system's theme and printing. */
export function watchTheme(): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    document.documentElement.toggleAttribute("data-print", true);
    redraw();
  });
  addEventListener("afterprint", () => {
    document.documentElement.toggleAttribute("data-print", false);
    redraw();
  });
}

function redraw(): void {
  styles = undefined;
  for (const listener of listeners) listener();
}
