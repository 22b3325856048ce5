import { defineCheck } from "../../check.js";
import { expect, inconclusive } from "../../verdict.js";

export const maxTokensIsExact = defineCheck({
  id: "length.max-tokens-is-exact",
  title: "an answer that reaches max_tokens has exactly that many tokens",
  level: "smoke",
  why: "Clients plan their context and their budget with max_tokens; one token too many overflows, one too few is text lost.",
  source: "OpenAI API reference, max_tokens: the maximum number of tokens that can be generated",
  isShared: true,
  run: async ({ target, prompts }) => {
    const answer = await target.generate(prompts.endless(), { max_tokens: 17 });
    if (answer.tokenCount < 17 && answer.stopReason !== "max_tokens") {
      inconclusive(`17 tokens: the model ended after ${answer.tokenCount}`);
    }
    expect("stop reason", answer.stopReason).toBe("max_tokens");
    if (answer.end?.tokens_out_estimated === true) {
      expect("number of token events", answer.tokens.length).toBeAtMost(17);
    } else expect("number of tokens", answer.tokenCount).toBe(17);
  },
});
