import { defineCheck } from "../../check.js";
import { expect, fail, forEach, inconclusive, show } from "../../verdict.js";

/** Two prompts that differ in one character, which must reach the model. */
const PAIRS: readonly (readonly [name: string, first: string, second: string])[] = [
  ["two bytes", "é", "è"],
  ["three bytes", "語", "話"],
  ["four bytes", "🦊", "🐢"],
  ["a joined emoji", "👩‍🚀", "👨‍🌾"],
  ["flags", "🇫🇷", "🇯🇵"],
  ["right to left", "ש", "ת"],
];

const ODD_TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["a combining accent", "e\u0301"],
  ["a byte order mark", "\uFEFFword"],
  ["NUL", "a\u0000b"],
  ["U+2028", "a\u2028b"],
  ["CRLF", "a\r\nb"],
];

export const differentCharacters = defineCheck({
  id: "text.characters-of-the-prompt-count",
  title: "prompts that differ in one character beyond ASCII give different answers",
  level: "standard",
  why: "A server that drops or replaces characters before its tokenizer answers another question than the one asked.",
  source: "Unicode 16, 3.9: UTF-8; CWE-176, Improper Handling of Unicode Encoding",
  budgetMs: 90_000,
  run: async ({ target, prompts }) => {
    const frame = prompts.endless();
    const ask = async (text: string) => (await target.generate(`${text.repeat(8)} ${frame}`, { max_tokens: 24 })).text;
    const same: string[] = [];
    for (const [name, first, second] of PAIRS) if ((await ask(first)) === (await ask(second))) same.push(name);
    // A greedy model may answer one such pair alike; one that never sees the characters does so for all.
    if (same.length === PAIRS.length) fail({ expected: "different answers", got: `the same for ${same.join(", ")}` });
    if (same.length > 0) inconclusive(`different answers for every pair: they are the same for ${same.join(", ")}`);
  },
});

export const oddPrompts = defineCheck({
  id: "text.odd-characters-are-answered",
  title: "prompts with NUL, a byte order mark, CRLF, U+2028 and combining characters are answered, or refused with 4xx",
  level: "standard",
  why: "Copied text has such characters; a string that ends at NUL, or a parser that fails, loses the request.",
  source: "RFC 8259, 7: any character may be escaped; CWE-158, Improper Neutralization of Null Byte",
  budgetMs: 60_000,
  run: ({ target, prompts }) =>
    forEach(
      ODD_TEXTS,
      ([name]) => name,
      async ([, text]) => {
        const answer = await target.ask(`${text} ${prompts.endless()}`, { max_tokens: 4 });
        expect("answer", answer.describe()).toSatisfy("a status below 500", () => answer.status < 500);
        expect("body", answer.problem).toBe(undefined);
      },
    ),
});

/** Marks that tokenizers use for a space, a line break and a byte, in text that nobody has decoded. */
const MARKERS = /[ĠĊ]\p{L}|\u2581\p{L}|<0x[0-9A-F]{2}>/u;

export const noTokenizerMarkers = defineCheck({
  id: "text.no-tokenizer-markers",
  title: "the text has no markers of the tokenizer",
  level: "standard",
  why: "A server that prints the pieces of its vocabulary instead of decoding them shows Ġ and <0x0A> to users.",
  source: "Hugging Face Tokenizers, ByteLevel and Metaspace decoders: Ġ and ▁ stand for a space",
  run: async ({ target, prompts }) => {
    const { text } = await target.generate(prompts.endless(), { max_tokens: 32 });
    if (text.length < 8) inconclusive(`8 characters: the answer is ${show(text)}`);
    const found = MARKERS.exec(text);
    if (found === null) return;
    const whole = text.match(new RegExp(MARKERS.source, "gu")) ?? [];
    if (whole.length < 3) inconclusive(`a clear answer: ${show(found[0])} may be the model's own text`);
    fail({ expected: "text without markers of the tokenizer", got: show(text) });
  },
});

export const cutCharacter = defineCheck({
  id: "text.cut-character-ends-cleanly",
  title: "an answer that its limit cuts inside of a character ends cleanly",
  level: "full",
  why: "The last bytes wait for the rest of a character that never arrives; a server that forgets the case hangs or fails.",
  source: "WHATWG Encoding, UTF-8 decoder: the end of the input inside a character is an error",
  budgetMs: 60_000,
  run: async ({ target, prompts }) => {
    const prompt = prompts.unicode();
    for (let limit = 1; limit <= 12; limit += 1) {
      const answer = await target.generate(prompt, { max_tokens: limit });
      expect(`number of tokens with max_tokens ${limit}`, answer.tokenCount).toBeAtMost(limit);
      const lone = /\p{Cs}/u.test(answer.text);
      if (lone) fail({ expected: "no lone surrogate", got: show(answer.text) });
    }
  },
});
