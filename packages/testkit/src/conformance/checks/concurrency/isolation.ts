import { isRetriable } from "../../../dialects/index.js";
import { slotsOf } from "../../capabilities.js";
import { defineCheck } from "../../check.js";
import { expect, fail, inconclusive, show } from "../../verdict.js";

const FIELDS = { max_tokens: 24 };

export const answersAreNotMixed = defineCheck({
  id: "concurrency.answers-are-not-mixed",
  title: "requests at the same time get their own answers",
  level: "standard",
  why: "An answer that reaches another client is a leak of data, whatever it says.",
  source: "https://github.com/ml-explore/mlx-lm/issues/965",
  budgetMs: 60_000,
  run: async ({ target, prompts, server }) => {
    const count = Math.max(2, Math.min(4, slotsOf(server, 2)));
    const asked = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? prompts.endless() : prompts.count()));
    const alone: string[] = [];
    for (const prompt of asked) alone.push((await target.generate(prompt, FIELDS)).text);
    if (new Set(alone).size < count) inconclusive(`${count} different texts for ${count} prompts`);
    const together = await Promise.all(asked.map((prompt) => target.generate(prompt, FIELDS)));
    let changed = 0;
    for (const [index, { text }] of together.entries()) {
      if (text === alone[index]) continue;
      changed += 1;
      const owner = alone.indexOf(text);
      if (owner >= 0) {
        fail({ expected: `answer ${index + 1} to be its own`, got: `the text of request ${owner + 1}: ${show(text)}` });
      }
    }
    if (changed === count) inconclusive("an answer that is the same alone and beside others");
  },
});

export const atTheSlots = defineCheck({
  id: "concurrency.around-the-slots",
  title: "one request less than slots, as many, and one more are all answered whole or refused with 429, 503 or 529",
  level: "standard",
  why: "Off-by-one errors of a scheduler show when the last slot is taken, or the first request waits.",
  source: "RFC 9110, 15.6.4: 503 Service Unavailable; RFC 6585, 4: 429 Too Many Requests",
  needs: ["slot-count"],
  budgetMs: 90_000,
  run: async ({ target, prompts, server }) => {
    const slots = Math.min(8, slotsOf(server, 1));
    for (const count of [slots - 1, slots, slots + 1].filter((each) => each > 0)) {
      const requests = Array.from({ length: count }, () => target.ask(prompts.endless(), { max_tokens: 6 }));
      for (const answer of await Promise.all(requests)) {
        expect(`answer with ${count} requests at once`, answer.describe()).toSatisfy(
          count > slots ? "status 200, 429, 503 or 529" : "status 200",
          () => answer.status === 200 || (count > slots && isRetriable(answer.status)),
        );
        expect("body", answer.problem).toBe(undefined);
      }
    }
  },
});
