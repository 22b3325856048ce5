import { defineCheck } from "../../check.js";
import { expect, inconclusive } from "../../verdict.js";
import { generateStopped } from "./find-stop.js";

export const overlapping = defineCheck({
  id: "stop.overlapping",
  title: "a stop sequence is found although a failed match begins just before it, as `pe` in `ppe`",
  level: "full",
  why: "A matcher that begins anew after a mismatch, without the character that failed, runs past such a sequence.",
  source:
    "Knuth, Morris and Pratt, Fast Pattern Matching in Strings: after a mismatch, a part of the text is compared again",
  needs: ["stop"],
  budgetMs: 40_000,
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const free = await target.generate(prompt, { max_tokens: 64 });
    const stop = findAfterDouble(free.text);
    if (stop === undefined) return inconclusive("a text with a double letter in it");
    const wanted = free.text.slice(0, free.text.indexOf(stop));
    const request = { prompt, maxTokens: 64, free: free.text, stop: [stop], wanted };
    const stopped = await generateStopped(target, request);
    expect(`text with the stop sequence ${JSON.stringify(stop)}`, stopped.text).toBe(wanted);
  },
});

/** The second of two equal letters and what follows it, if that appears here first: `per` in `copper`. */
function findAfterDouble(text: string): string | undefined {
  const places = [...text.matchAll(/([a-z])\1(?!\1)[a-z]{1,2}/gi)];
  const found = places.find(({ index, 0: all }) => text.indexOf(all.slice(1)) === index + 1);
  return found?.[0].slice(1);
}
