import { isRetriable } from "../../../dialects/index.js";
import { executeAll } from "../../../jobs/index.js";
import type { Answer } from "../../target/answer.js";
import { slotsOf } from "../../capabilities.js";
import { defineCheck } from "../../check.js";
import { expect, forEach } from "../../verdict.js";

export const twoAtOnce = defineCheck({
  id: "concurrency.two-at-once",
  title: "two requests at the same time are both answered whole",
  level: "smoke",
  why: "Shared state between two requests cuts or mixes answers, and shows only under load.",
  source: "https://github.com/vllm-project/vllm/issues/13186",
  run: async ({ target, prompts }) => {
    const asked = [prompts.endless(), prompts.count()];
    const alone: Answer[] = [];
    for (const prompt of asked) alone.push(await target.generate(prompt, { max_tokens: 24 }));
    const together = await Promise.all(asked.map((prompt) => target.generate(prompt, { max_tokens: 24 })));
    await forEach(
      [0, 1],
      (index) => `request ${index + 1} of 2`,
      (index) => {
        const isLimited = alone[index]?.stopReason === "max_tokens"; // another one may end anywhere
        if (isLimited) expect("number of tokens", together[index]?.tokenCount).toBe(alone[index]?.tokenCount);
        return Promise.resolve();
      },
    );
  },
});

export const moreThanSlots = defineCheck({
  id: "concurrency.more-than-slots",
  title: "four times as many requests as slots end: whole, or refused with 429, 503 or 529",
  level: "standard",
  why: "Load above the capacity is normal; a request that hangs or is cut then is worse than one that is refused.",
  source: "RFC 6585, 4: 429 Too Many Requests; RFC 9110, 15.6.4: 503 Service Unavailable",
  budgetMs: 60_000,
  run: async ({ target, prompts, server, signal }) => {
    const slotCount = Math.min(8, slotsOf(server, 2));
    const requests = Array.from({ length: 4 * slotCount }, () => target.request(prompts.endless(), { max_tokens: 8 }));
    const outcomes = await executeAll(target, requests, { signal });
    await forEach(
      outcomes,
      ({ index }) => `request ${index + 1} of ${requests.length}`,
      (outcome) => {
        const isRefused = outcome.status === "http-error" && isRetriable(outcome.httpStatus);
        if (!isRefused) expect("outcome", outcome.status).toBe("ok");
        return Promise.resolve();
      },
    );
  },
});
