import { defineCheck } from "../../check.js";
import { expect, inconclusive } from "../../verdict.js";
import { findStop, generateStopped } from "./find-stop.js";

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
    const request = { prompt, maxTokens: 40, free: free.text, stop: [stop], wanted: before };
    const stopped = await generateStopped(target, request);
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
    const request = { prompt, maxTokens: 48, free: free.text, stop: [stop], wanted: before };
    const stopped = await generateStopped(target, request);
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
    const request = { prompt, maxTokens: 24, free: free.text, stop: [`${end}#never#`], wanted: free.text };
    const stopped = await generateStopped(target, request);
    expect("text", stopped.text).toBe(free.text);
  },
});
