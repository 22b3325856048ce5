import type { Context } from "../context.js";
import { h, lines, note } from "../dom.js";
import { formatCount, plural, type RequestRecord } from "../testkit.js";

/** The prompt and the output, or why they are not here. */
export function requestTexts({ data, texts }: Context, { index }: RequestRecord): HTMLElement[] {
  const kept = texts.get(index);
  if (kept !== undefined) {
    return [
      textBlock("Prompt", kept.prompt, kept.promptCutLength),
      textBlock("Output", kept.output, kept.outputCutLength),
    ];
  }
  const all = data.load?.texts;
  if (all === undefined) {
    return [
      note("Prompts, outputs and the arrival of every token are kept only on request: --keep-text, or keepText."),
    ];
  }
  const leftOut = `${plural(all.leftOutCount, "request")} in this run`;
  return [note(`The texts of this request were left out, as those of ${leftOut}: together they would be too long.`)];
}

function textBlock(title: string, text: string, cutLength: number): HTMLElement {
  const cut = cutLength === 0 ? undefined : note(`${formatCount(cutLength)} more characters were not kept.`);
  const shown = text === "" ? h("p", { class: "note" }, "empty") : h("pre", { tabindex: 0 }, ...lines(text));
  return h("div", { class: "text-block" }, h("h4", {}, title), shown, cut);
}
