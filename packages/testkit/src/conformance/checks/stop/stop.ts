import { defineCheck } from "../../check.js";
import { expect, inconclusive } from "../../verdict.js";
import { diverges, findStop } from "./find-stop.js";

export const endsBeforeSequence = defineCheck({
  id: "stop.ends-before-the-sequence",
  title: "a stop sequence ends the answer, and the text before it is complete",
  level: "standard",
  why: "Templates and agents end their turns with stop sequences; without them the model writes the user's part as well.",
  source: "OpenAI API reference, stop: the returned text will not contain the stop sequence",
  needs: ["stop"],
  run: async ({ target, prompts, random }) => {
    const prompt = prompts.endless();
    const free = await target.generate(prompt, { max_tokens: 40 });
    const { stop, before } = findStop(free.text, random);
    const stopped = await target.generate(prompt, { max_tokens: 40, stop: [stop] });
    if (diverges(free.text, stopped.text)) inconclusive("the same text twice at temperature 0");
    expect(`text with the stop sequence ${JSON.stringify(stop)}`, stopped.text).toBe(before);
    expect("stop reason", stopped.stopReason).toBeOneOf(["stop", "stop_sequence"]);
  },
});

export const prefixIsNotSent = defineCheck({
  id: "stop.prefix-is-withheld",
  title: "no part of a stop sequence is sent before it is known whether it matches",
  level: "standard",
  why: "The first token of a long stop sequence that leaks into a stream is on the user's screen for good.",
  source: "https://github.com/vllm-project/vllm/issues/3574",
  needs: ["stop"],
  run: async ({ target, prompts, random }) => {
    const prompt = prompts.endless();
    const free = await target.generate(prompt, { max_tokens: 48 });
    const { stop, before } = findStop(free.text, random, 14); // several tokens
    const stopped = await target.generate(prompt, { max_tokens: 48, stop: [stop] });
    if (diverges(free.text, stopped.text)) inconclusive("the same text twice at temperature 0");
    expect("text beyond the match", stopped.text.slice(before.length)).toBe("");
  },
});

export const withheldTextIsDelivered = defineCheck({
  id: "stop.withheld-text-is-delivered",
  title: "text that only began like a stop sequence is delivered at the end",
  level: "standard",
  why: "A server that withholds a possible match and forgets it loses the last words of the answer.",
  source: "https://github.com/ggml-org/llama.cpp/pull/9867",
  needs: ["stop"],
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const free = await target.generate(prompt, { max_tokens: 24 });
    const end = Array.from(free.text).slice(-3).join("");
    if (end.trim().length < 2) inconclusive("a text that ends with visible characters");
    const stopped = await target.generate(prompt, { max_tokens: 24, stop: [`${end}#never#`] });
    if (diverges(free.text, stopped.text)) inconclusive("the same text twice at temperature 0");
    expect("text", stopped.text).toBe(free.text);
  },
});
