import { defineCheck } from "../../check.js";
import { expect, inconclusive } from "../../verdict.js";

export const largeAnswer = defineCheck({
  id: "length.large-answer-is-complete",
  title: "an answer of 200 tokens arrives complete",
  level: "standard",
  why: "Buffers and time-outs that short answers never reach cut long ones.",
  source: "OpenAI API reference, finish_reason: length if the maximum number of tokens was reached",
  budgetMs: 180_000,
  run: async ({ target, prompts }) => {
    const answer = await target.generate(prompts.endless(), { max_tokens: 200 });
    if (answer.tokenCount < 200 && answer.stopReason !== "max_tokens") {
      inconclusive(`200 tokens: the model ended after ${answer.tokenCount}`);
    }
    expect("stop reason", answer.stopReason).toBe("max_tokens");
    if (answer.end?.tokens_out_estimated !== true) expect("number of tokens", answer.tokenCount).toBe(200);
  },
});

export const limitsAreNested = defineCheck({
  id: "length.shorter-limit-is-a-prefix",
  title: "at temperature 0, an answer with a smaller max_tokens is the beginning of the longer one",
  level: "standard",
  why: "A limit that changes the text itself, for example by a hint to the model, makes answers impossible to continue.",
  source: "OpenAI API reference, max_tokens: the maximum number of tokens that can be generated",
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const long = await target.generate(prompt, { max_tokens: 32 });
    const short = await target.generate(prompt, { max_tokens: 12 });
    if (long.text.startsWith(short.text)) return;
    const again = await target.generate(prompt, { max_tokens: 32 });
    if (again.text !== long.text) inconclusive("the same text twice at temperature 0");
    expect("text with max_tokens 12", short.text).toSatisfy(
      `the beginning of ${JSON.stringify(long.text)}`,
      () => false,
    );
  },
});

/** A short word for each token of the context, and as many again: too long for any tokenizer. */
const tooLong = (contextTokens: number): string => "ab 7 ".repeat(Math.min(200_000, contextTokens));

export const promptTooLong = defineCheck({
  id: "length.prompt-above-the-context",
  title: "a prompt that is longer than the context is refused with 4xx, and the next request works",
  level: "standard",
  why: "A prompt that is cut silently gives an answer to a question that nobody asked.",
  source: "OpenAI API, error code context_length_exceeded: status 400",
  needs: ["context-limit"],
  budgetMs: 60_000,
  run: async ({ target, prompts, server }) => {
    const answer = await target.ask(tooLong(server.profile.limits?.contextTokens ?? 0), { max_tokens: 4 });
    expect("answer", answer.describe()).toSatisfy("a status 4xx", () => answer.status >= 400 && answer.status < 500);
    await target.generate(prompts.endless(), { max_tokens: 2 });
  },
});
