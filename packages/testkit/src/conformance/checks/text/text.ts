import { defineCheck } from "../../check.js";
import { fail, inconclusive, show } from "../../verdict.js";

const REPLACEMENT = "\uFFFD";

export const wholeCharacters = defineCheck({
  id: "text.whole-characters",
  title: "characters that several tokens make arrive whole",
  level: "smoke",
  why: "A token may hold half of a character; a server that decodes each token alone sends U+FFFD in place of emoji and CJK.",
  source: "https://github.com/mlc-ai/mlc-llm/pull/1142",
  budgetMs: 40_000,
  run: async ({ target, prompts, attempt }) => {
    const prompt = prompts.unicode();
    const { text } = await target.generate(prompt, { max_tokens: 48 * attempt });
    if (text.includes(REPLACEMENT)) judgeReplacement(text, await findWhole());
    else if (!/[^\p{ASCII}]/u.test(text))
      inconclusive(`a character beyond ASCII: the model answered ${show(text.slice(0, 60))}`);

    /** The same answer in one piece, in which no token is decoded alone. */
    async function findWhole(): Promise<string | undefined> {
      if (target.dialect.decodeAnswer === undefined) return undefined;
      const whole = await target.generate(prompt, { max_tokens: 48 * attempt, extraBody: { stream: false } });
      return whole.text;
    }
  },
});

/** The bytes of a model may be invalid themselves: then the whole answer has the same characters. */
function judgeReplacement(text: string, whole: string | undefined): void {
  if (whole === text) inconclusive("valid UTF-8: the answer has U+FFFD without streaming as well");
  const at = text.indexOf(REPLACEMENT);
  const isRun = text.includes(REPLACEMENT.repeat(2));
  if (whole === undefined && !isRun && at === text.length - 1) return; // the last character was cut by the limit
  fail({ expected: "no U+FFFD", got: `U+FFFD at character ${at}: ${show(text.slice(Math.max(0, at - 20), at + 20))}` });
}
