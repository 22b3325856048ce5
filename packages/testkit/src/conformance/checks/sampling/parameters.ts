import { defineCheck } from "../../check.js";
import type { Capability } from "../../capabilities.js";
import type { CheckId } from "../../check.js";
import type { CheckContext } from "../../context.js";
import type { JobFields } from "../../target/check-target.js";
import { expect, fail, forEach, inconclusive } from "../../verdict.js";
import { hottestOf } from "../shared/hottest.js";
import { countTexts } from "../shared/find-divergence.js";

const SEEDS = [1, 2, 3, 4];
const SAMPLED: JobFields = { temperature: 1.5, max_tokens: 16 };

/** A value at which one token is left to choose from, so that the seed must not matter any more. */
async function expectNarrowing({ target, prompts }: CheckContext, name: string, fields: JobFields): Promise<void> {
  const prompt = prompts.endless();
  const run = async (extra: JobFields) => {
    const answers = [];
    for (const seed of SEEDS) answers.push(await target.generate(prompt, { ...SAMPLED, seed, ...extra }));
    return answers;
  };
  if (countTexts(await run({})) < 2) inconclusive("different texts for different seeds: nothing is sampled");
  const textCount = countTexts(await run(fields));
  if (textCount === 1) return;
  const greedy = await Promise.all([1, 2].map(() => target.generate(prompt, { max_tokens: 16 })));
  if (countTexts(greedy) > 1) inconclusive("the same text twice at temperature 0");
  fail({ expected: `one text for ${SEEDS.length} seeds with ${name}`, got: `${textCount} texts: ignored parameter` });
}

/** A parameter at the value that leaves one token to choose from. */
interface Narrowing {
  readonly field: "top_k" | "top_p" | "min_p";
  readonly value: number;
  readonly need: Capability;
}

function defineNarrowing(id: CheckId, { field, value, need }: Narrowing) {
  const name = `${field} ${value}`;
  return defineCheck({
    id,
    title: `with ${name}, the seed does not matter any more`,
    level: "standard",
    why: `A server that accepts ${field} and ignores it samples from tokens that the client has excluded.`,
    source: "Hugging Face Transformers, GenerationConfig: top_k, top_p and min_p keep the most likely tokens only",
    needs: ["seed", need],
    budgetMs: 60_000,
    run: (context) => expectNarrowing(context, name, { [field]: value }),
  });
}

export const topK = defineNarrowing("sampling.top-k-narrows", { field: "top_k", value: 1, need: "top-k" });
export const topP = defineNarrowing("sampling.top-p-narrows", { field: "top_p", value: 0.0001, need: "top-p" });
export const minP = defineNarrowing("sampling.min-p-narrows", { field: "min_p", value: 1, need: "min-p" });

export const repetitionPenalty = defineCheck({
  id: "sampling.repetition-penalty-changes",
  title: "a repetition penalty of 2 changes a text that repeats itself",
  level: "standard",
  why: "A server that accepts the penalty and ignores it, for example under another name, lets the client tune a dead knob.",
  source: "https://github.com/ggml-org/llama.cpp/issues/7109; https://github.com/ikawrakow/ik_llama.cpp/issues/2398",
  needs: ["repetition-penalty"],
  budgetMs: 60_000,
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const free = await target.generate(prompt, { max_tokens: 64 });
    const pieces = free.tokens.map(({ t }) => t);
    if (pieces.length - new Set(pieces).size < 4) inconclusive("a text that repeats at least four of its tokens");
    const penalized = await target.generate(prompt, { max_tokens: 64, repetition_penalty: 2 });
    if (penalized.text !== free.text) return;
    fail({ expected: "another text with repetition_penalty 2", got: "the same text: ignored parameter" });
  },
});

export const temperatureWidens = defineCheck({
  id: "sampling.temperature-changes",
  title: "the highest temperature gives another text than temperature 0",
  level: "standard",
  why: "A server that ignores the temperature answers every creative request with its one most likely text.",
  source: "OpenAI API reference, temperature: higher values make the output more random",
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const greedy = await target.generate(prompt, { max_tokens: 24 });
    if (greedy.tokenCount < 8) inconclusive(`8 tokens: the model ended after ${greedy.tokenCount}`);
    const texts = [];
    for (let index = 0; index < 3; index += 1) {
      const { text } = await target.generate(prompt, { max_tokens: 24, temperature: hottestOf(target.dialect) });
      texts.push(text);
    }
    if (texts.some((text) => text !== greedy.text)) return;
    fail({
      expected: "another text at the highest temperature",
      got: "the text of temperature 0 three times: ignored parameter",
    });
  },
});

const EXTREMES: readonly JobFields[] = [
  { temperature: 2 },
  { temperature: 1e-6 },
  { temperature: 1, seed: 2 ** 32 - 1 },
  { temperature: 1, seed: 0 },
];

export const extremesAreAnswered = defineCheck({
  id: "sampling.extreme-values",
  title: "sampling parameters at the ends of their ranges are answered or refused, and do not break the server",
  level: "full",
  why: "A division by a tiny temperature, or an empty set of candidates, ends the process for everyone.",
  source: "CWE-754, Improper Check for Unusual or Exceptional Conditions",
  needs: ["seed"],
  budgetMs: 60_000,
  run: ({ target, prompts }) =>
    forEach(
      EXTREMES,
      (fields) => JSON.stringify(fields),
      async (fields) => {
        const answer = await target.ask(prompts.endless(), { ...fields, max_tokens: 8 });
        expect("answer", answer.describe()).toSatisfy("a status below 500", () => answer.status < 500);
        expect("body", answer.problem).toBe(undefined);
      },
    ),
});
