import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import type { RawAnswer } from "../../target/raw-answer.js";
import { expect, inconclusive, notApplicable } from "../../verdict.js";

/** One token in nearly every vocabulary. */
const WORD = " the";
const SAMPLES = [40, 160] as const;
/** A longer prompt takes longer than a check may. */
const MOST_CONTEXT = 32_768;

/** Finds the number of words that a prompt of so many tokens has; the server reports the tokens of two samples. */
async function planPrompts(context: CheckContext): Promise<(tokens: number) => string> {
  const [few, many] = SAMPLES;
  const [first, second] = [await countTokens(context, few), await countTokens(context, many)];
  const perWord = (second - first) / (many - few);
  if (perWord < 0.5 || perWord > 4) inconclusive(`a count that grows with the prompt: ${first} and ${second} tokens`);
  return (tokens) => WORD.repeat(few + Math.round((tokens - first) / perWord)).trimStart();
}

async function countTokens({ target }: CheckContext, words: number): Promise<number> {
  const extraBody = { stream: false };
  const answer = await target.ask(WORD.repeat(words).trimStart(), { max_tokens: 1, extraBody });
  const count = findPromptTokens(answer);
  return count ?? notApplicable("its answers do not report the number of tokens of the prompt");
}

/** By the names of OpenAI, Anthropic and Ollama. */
function findPromptTokens({ json }: RawAnswer): number | undefined {
  const body = (json ?? {}) as { usage?: Readonly<Record<string, unknown>>; prompt_eval_count?: unknown };
  const counts = [body.usage?.["prompt_tokens"], body.usage?.["input_tokens"], body.prompt_eval_count];
  return counts.find((each): each is number => typeof each === "number");
}

const is4xx = ({ status }: RawAnswer): boolean => status >= 400 && status < 500;

function expectAnswerOrForm(what: string, answer: RawAnswer): void {
  expect(what, answer.describe()).toSatisfy("status 200, or a status 4xx with a message", () => {
    return answer.status === 200 || (is4xx(answer) && answer.error.message !== undefined);
  });
  expect(`body of the ${what}`, answer.problem).toBe(undefined);
}

export const promptAtTheLimit = defineCheck({
  id: "length.prompt-at-the-limit",
  title:
    "a prompt that leaves one token of the context is answered or refused with a message, one above the context is refused with 4xx, and the next request works",
  level: "standard",
  why: "Off-by-one errors at the end of the context write beyond the cache, or drop the beginning of a prompt silently.",
  source: "OpenAI API, error code context_length_exceeded: status 400; CWE-193, Off-by-one Error",
  needs: ["context-limit", "whole-answer"],
  budgetMs: 120_000,
  run: async (context) => {
    const { target, prompts, server } = context;
    const limit = server.profile.limits?.contextTokens ?? 0;
    if (limit > MOST_CONTEXT) notApplicable(`a context of ${limit} tokens; the check fills up to ${MOST_CONTEXT}`);
    const promptOf = await planPrompts(context);
    expectAnswerOrForm("answer at the limit", await target.ask(promptOf(limit - 1), { max_tokens: 1 }));
    const above = await target.ask(promptOf(limit + 1), { max_tokens: 1 });
    expect(`answer to a prompt of ${limit + 1} tokens`, above.describe()).toSatisfy("a status 4xx", () => is4xx(above));
    await target.generate(prompts.endless(), { max_tokens: 2 });
  },
});

export const limitAboveTheContext = defineCheck({
  id: "length.max-tokens-above-the-context",
  title: "a short prompt with a max_tokens above the context is refused with 4xx or begins, and the next request works",
  level: "standard",
  why: "Clients ask for more than the context has left; a server that fails on it, or hangs, is down for everyone.",
  source: "OpenAI API reference, max_tokens: input and generated tokens are limited by the context length of the model",
  needs: ["context-limit"],
  budgetMs: 60_000,
  run: async (context) => {
    const { target, prompts, server } = context;
    const response = await target.execute(
      target.request(prompts.endless(), { max_tokens: server.profile.limits?.contextTokens }),
    );
    try {
      expect("status", response.status).toSatisfy(
        "200 or 4xx",
        (status) => status === 200 || Math.floor(status / 100) === 4,
      );
      if (response.status === 200) await readFirst(response.body);
    } finally {
      response.abort("the answer has begun");
    }
    await target.generate(prompts.endless(), { max_tokens: 2 });
  },
});

async function readFirst(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of body) if (chunk.byteLength > 0) return;
}
