import { defineCheck } from "../../check.js";
import { expect, inconclusive } from "../../verdict.js";

export const oneToken = defineCheck({
  id: "length.one-token",
  title: "max_tokens 1 gives one token and the stop reason of the limit",
  level: "standard",
  why: "Classifiers and health probes ask for one token; off-by-one errors show at the smallest limit.",
  source: "OpenAI API reference, max_tokens and finish_reason: length",
  isShared: true,
  run: async ({ target, prompts }) => {
    const answer = await target.generate(prompts.endless(), { max_tokens: 1 });
    expect("number of token events", answer.tokens.length).toBeAtMost(1);
    expect("number of tokens", answer.tokenCount).toBe(1);
    if (answer.tokens.length === 0 && answer.stopReason !== "max_tokens")
      inconclusive("a token: the model ended at once");
    expect("stop reason", answer.stopReason).toBe("max_tokens");
  },
});
