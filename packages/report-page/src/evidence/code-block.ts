import { button, h } from "../dom.js";
import { formatCount } from "../testkit.js";

/** More would make the page slow; a button shows the rest. */
const FIRST_CHARACTERS = 20_000;

/** A text with its lines. Only line breaks of the text start a line. */
export function codeBlock(text: string, { name = "" }: { readonly name?: string } = {}): HTMLElement {
  const code = h("code", { class: "block" });
  const box = h("div", { class: "block-box" }, code);
  if (name !== "") for (const [key, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", name]] as const) code.setAttribute(key, value); // prettier-ignore
  fill(code, text.slice(0, FIRST_CHARACTERS));
  if (text.length > FIRST_CHARACTERS) {
    const more = button(`Show all ${formatCount(text.length)} characters`, () => {
      fill(code, text);
      more.remove();
    });
    box.append(more);
  }
  return box;
}

function fill(code: HTMLElement, text: string): void {
  const lines = text.split("\n").flatMap((line) => [h("span", {}, line), document.createTextNode("\n")]);
  code.replaceChildren(...lines.slice(0, -1));
}
