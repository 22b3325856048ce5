import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import type { Answer } from "../../target/answer.js";
import type { JobFields } from "../../target/check-target.js";
import { fail, inconclusive } from "../../verdict.js";
import { countTexts } from "../shared/find-divergence.js";

const SAMPLED: JobFields = { temperature: 1.5, max_tokens: 24 };

async function generateEach({ target }: CheckContext, prompt: string, cases: readonly JobFields[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const fields of cases) answers.push(await target.generate(prompt, { ...SAMPLED, ...fields }));
  return answers;
}

export const omittedSeed = defineCheck({
  id: "sampling.omitted-seed-varies",
  title: "three requests without a seed give at least two texts, or report the seed that they share",
  level: "standard",
  why: "A fixed default seed gives every user the same variant, and nobody notices until a thousand of them are alike.",
  source: "https://github.com/Blaizzy/mlx-vlm/issues/1818",
  needs: ["seed"],
  budgetMs: 60_000,
  run: async (context) => {
    const prompt = context.prompts.endless();
    const seeded = await generateEach(context, prompt, [{ seed: 1 }, { seed: 2 }, { seed: 3 }]);
    if (countTexts(seeded) < 2) inconclusive("different texts for different seeds: nothing is sampled");
    const free = await generateEach(context, prompt, [{}, {}, {}]);
    if (countTexts(free) > 1) return;
    const seeds = free.map(findSeed);
    if (seeds[0] !== undefined && new Set(seeds).size === 1) return;
    const reported = seeds.map((seed) => seed ?? "none").join(", ");
    fail({ expected: "different texts without a seed", got: `the same text three times; reported seeds: ${reported}` });
  },
});

/** In the events, in a header such as `x-seed`, or in a `seed` anywhere in the answer. */
function findSeed({ events, headers, chunks }: Answer): string | undefined {
  const started = events.find((event) => event.type === "started");
  const header = Object.entries(headers).find(([name]) => /\bseed\b/.test(name));
  const text = Buffer.concat(chunks.map(({ bytes }) => bytes)).toString("utf8");
  return started?.seed?.toString() ?? header?.[1] ?? /"seed"\s*:\s*"?(\d+)/.exec(text)?.[1];
}

const PENALTIES = ["presence_penalty", "frequency_penalty"] as const;
const LEAST_REPEATS = 8;

export const penalties = defineCheck({
  id: "sampling.penalties-change",
  title: "presence_penalty 2 and frequency_penalty 2 are refused with 4xx, or change a text that repeats itself",
  level: "standard",
  why: "A penalty that is accepted and ignored is a dead knob: clients tune it, and nothing happens.",
  source:
    "OpenAI API reference, presence_penalty and frequency_penalty: positive values penalize tokens that have appeared",
  needs: ["penalties"],
  budgetMs: 60_000,
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const ask = { max_tokens: 64 };
    const free = await target.generate(prompt, ask);
    for (const name of PENALTIES) {
      const extraBody = { [name]: 2 };
      const { status } = await target.ask(prompt, { max_tokens: 1, extraBody });
      if (status >= 400 && status < 500) continue;
      const pieces = free.tokens.map(({ t }) => t);
      if (pieces.length - new Set(pieces).size < LEAST_REPEATS)
        inconclusive(`a text that repeats at least ${LEAST_REPEATS} of its tokens`);
      const penalized = await target.generate(prompt, { ...ask, extraBody });
      if (penalized.text === free.text)
        fail({ expected: `another text with ${name} 2`, got: "the same text: ignored parameter" });
    }
  },
});
