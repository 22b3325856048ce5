import { button, h, note } from "../dom.js";
import { toVisibleText } from "../testkit.js";
import { codeBlock } from "./code-block.js";

/** A text to copy. One with invisible characters would not be what it looks like, so it cannot be copied. */
export function copyable(title: string, text: string): HTMLElement {
  const block = codeBlock(text, { name: title });
  const isVisible = toVisibleText(text.replaceAll("\n", "")) === text.replaceAll("\n", "");
  return h(
    "div",
    { class: "copyable" },
    h("div", { class: "copy-row" }, h("h4", {}, title), isVisible ? copyButton(title, text, block) : undefined),
    block,
    isVisible ? undefined : note("It has invisible characters, which are escaped here, so it cannot be copied."),
  );
}

function copyButton(title: string, text: string, block: HTMLElement): HTMLButtonElement {
  const copy = button("Copy", () => void copyText(), { "aria-label": `Copy: ${title}` });
  const copyText = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(block.firstElementChild ?? block); // some browsers have no clipboard for a page from disk
    }
  };
  return copy;
}
