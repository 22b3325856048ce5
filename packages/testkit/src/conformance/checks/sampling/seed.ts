import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { expect, fail, inconclusive } from "../../verdict.js";
import type { Answer } from "../../target/answer.js";
import type { JobFields } from "../../target/check-target.js";
import { countTexts, findDivergence } from "../shared/find-divergence.js";

const OPENAI_SEED =
  "OpenAI API reference, seed: repeated requests with the same seed and parameters should return the same result";
const SAMPLED: JobFields = { temperature: 1.5, max_tokens: 24 };

async function generateEach(
  { target }: CheckContext,
  prompt: string,
  cases: readonly JobFields[],
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const fields of cases) answers.push(await target.generate(prompt, fields));
  return answers;
}

export const zeroIgnoresSeed = defineCheck({
  id: "sampling.temperature-zero-ignores-the-seed",
  title: "at temperature 0, another seed gives the same text",
  level: "smoke",
  why: "Temperature 0 asks for the most likely token; a server that samples all the same makes tests and evaluations noise.",
  source: "OpenAI API reference, temperature: lower values make the output more focused and deterministic",
  needs: ["seed"],
  run: async (context) => {
    const prompt = context.prompts.endless();
    const zero = { temperature: 0, max_tokens: 24 };
    const [first, second] = await generateEach(context, prompt, [
      { ...zero, seed: 1 },
      { ...zero, seed: 2 },
    ]);
    const divergence = findDivergence(first?.text ?? "", second?.text ?? "");
    if (divergence === undefined) return;
    const again = await context.target.generate(prompt, { ...zero, seed: 1 });
    if (again.text !== first?.text) inconclusive("the same text for the same seed: the server is not deterministic");
    fail({ expected: "the same text with seed 1 and seed 2 at temperature 0", got: divergence });
  },
});

export const sameSeed = defineCheck({
  id: "sampling.same-seed-same-text",
  title: "the same seed gives the same text twice",
  level: "standard",
  why: "A seed that does not reproduce an answer makes a bug report, a test or an experiment impossible to repeat.",
  source: OPENAI_SEED,
  needs: ["seed"],
  run: async (context) => {
    const prompt = context.prompts.endless();
    const free = await generateEach(
      context,
      prompt,
      [1, 2, 3].map((seed) => ({ ...SAMPLED, seed })),
    );
    if (countTexts(free) < 2) inconclusive("different texts for different seeds: nothing is sampled");
    const again = await context.target.generate(prompt, { ...SAMPLED, seed: 1 });
    const divergence = findDivergence(free[0]?.text ?? "", again.text);
    if (divergence !== undefined) fail({ expected: "the same text twice with seed 1", got: divergence });
  },
});

export const differentSeeds = defineCheck({
  id: "sampling.different-seeds-differ",
  title: "four seeds at temperature 1.5 give at least two texts",
  level: "standard",
  why: "A server that ignores the seed, or the temperature, returns one text to everyone who asks for several.",
  source: "https://github.com/huggingface/text-generation-inference/issues/687",
  needs: ["seed"],
  run: async (context) => {
    const prompt = context.prompts.endless();
    const answers = await generateEach(
      context,
      prompt,
      [11, 22, 33, 44].map((seed) => ({ ...SAMPLED, seed })),
    );
    if (answers.some(({ tokenCount }) => tokenCount < 8)) inconclusive("8 tokens in each of the answers");
    expect("number of different texts for four seeds", countTexts(answers)).toBeAtLeast(2);
  },
});
