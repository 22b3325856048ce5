import { toVisibleText } from "./testkit.js";

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

/**
 * Creates an element. Text becomes text nodes, never markup, and characters that hide text or reverse its direction are shown as escapes:
 * the text in a report comes from models and servers.
 */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? "" : toVisibleText(String(value)));
  }
  for (const child of children) {
    if (child !== undefined) element.append(typeof child === "string" ? toVisibleText(child) : child);
  }
  return element;
}

/** A text of several lines: each is a line of the page as well. The place must keep white space (`code`, `pre`). */
export function lines(text: string): (Node | string)[] {
  return text.split(/\r?\n/).flatMap((line, index) => (index === 0 ? [line] : [document.createTextNode("\n"), line]));
}

/** A section with a heading and an address. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), ...children);
}

/** A paragraph that explains what is left out, or how to read something. */
export function note(text: string): HTMLElement {
  return h("p", { class: "note" }, text);
}

/** A button. */
export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = h("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", onClick);
  return element;
}
