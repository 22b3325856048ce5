import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { expect, inconclusive } from "../../verdict.js";
import { findStop, generateStopped } from "./find-stop.js";

const OPENAI_STOP = "OpenAI API reference, stop: up to 4 sequences where the API will stop generating further tokens";
const NEVER = "#conformance-never#";

/** Generates a text, and the same request again with stop sequences. */
async function compare(
  { target, prompts }: CheckContext,
  choose: (free: string) => { readonly stops: readonly string[]; readonly wanted: string },
) {
  const prompt = prompts.endless();
  const free = await target.generate(prompt, { max_tokens: 40 });
  const { stops, wanted } = choose(free.text);
  const stopped = await generateStopped(target, { prompt, maxTokens: 40, free: free.text, stop: stops, wanted });
  expect(`text with the stop sequences ${JSON.stringify(stops)}`, stopped.text).toBe(wanted);
  return { free, stopped };
}

export const singleCharacter = defineCheck({
  id: "stop.single-character",
  title: "a stop sequence of one character ends the answer before it",
  level: "standard",
  why: "Stops such as `}` or `;` lie inside of tokens; a server that compares whole tokens never sees them.",
  source: "https://github.com/huggingface/text-generation-inference/issues/10",
  needs: ["stop"],
  run: async (context) => {
    await compare(context, (free) => {
      const characters = Array.from(free);
      const stop = characters.find(
        (each, index) => index >= 4 && /[\p{L}\p{N}\p{P}]/u.test(each) && free.indexOf(each) >= 4,
      );
      if (stop === undefined) return inconclusive("a visible character that appears after the beginning");
      return { stops: [stop], wanted: free.slice(0, free.indexOf(stop)) };
    });
  },
});

export const earliestOfSeveral = defineCheck({
  id: "stop.earliest-of-several",
  title: "of several stop sequences, the one that appears first in the text ends the answer",
  level: "standard",
  why: "A server that tests the sequences in the order of the list runs past the first one in the text.",
  source: "https://github.com/vllm-project/vllm/pull/49391",
  needs: ["stop"],
  run: async (context) => {
    await compare(context, (free) => {
      const early = findStop(free, () => 0);
      const places = [0.5, 0.6, 0.7, 0.8, 0.9, 0.99].map((share) => findStop(free, () => share));
      const late = places.reduce((best, each) => (each.before.length > best.before.length ? each : best), early);
      if (late.before.length <= early.before.length) inconclusive("two places to stop at");
      return { stops: [late.stop, NEVER, early.stop], wanted: early.before };
    });
  },
});

export const unmatchedChangesNothing = defineCheck({
  id: "stop.unmatched-changes-nothing",
  title: "stop sequences that do not appear leave the answer as it is",
  level: "standard",
  why: "A stop sequence that loses text or ends the answer without a match makes every template with stops unreliable.",
  source: OPENAI_STOP,
  needs: ["stop"],
  run: async (context) => {
    const { free, stopped } = await compare(context, (text) => ({ stops: [NEVER], wanted: text }));
    expect("stop reason", stopped.stopReason).toBe(free.stopReason);
  },
});

export const inPromptDoesNotStop = defineCheck({
  id: "stop.in-the-prompt-does-not-stop",
  title: "a stop sequence in the prompt does not end the answer",
  level: "standard",
  why: "Few-shot prompts contain their own separators; a server that looks for them in the prompt answers with nothing.",
  source: OPENAI_STOP,
  needs: ["stop"],
  run: async ({ target, prompts }) => {
    const prompt = `${NEVER} ${prompts.endless()} ${NEVER}`;
    const free = await target.generate(prompt, { max_tokens: 16 });
    if (free.text === "") inconclusive("a text: the answer is empty without stop sequences");
    if (free.text.includes(NEVER)) inconclusive("a text without the stop sequence: the model repeats the prompt");
    const request = { prompt, maxTokens: 16, free: free.text, stop: [NEVER], wanted: free.text };
    const stopped = await generateStopped(target, request);
    expect("text", stopped.text).toBe(free.text);
  },
});

export const regexCharactersAreLiteral = defineCheck({
  id: "stop.regex-characters-are-literal",
  title: "characters of regular expressions in a stop sequence stand for themselves",
  level: "standard",
  why: "A server that builds a pattern of the stop sequences stops at the first character, or fails, for `.` or `(`.",
  source: "CWE-625, Permissive Regular Expression; CWE-1333, Inefficient Regular Expression Complexity",
  needs: ["stop"],
  run: async (context) => {
    await compare(context, (free) => ({
      stops: [".+.+", "([", "[a-z]+"].filter((stop) => !free.includes(stop)),
      wanted: free,
    }));
  },
});

export const onTheLastToken = defineCheck({
  id: "stop.on-the-last-allowed-token",
  title: "a stop sequence that the last allowed token completes is not part of the text",
  level: "standard",
  why: "Two reasons to end meet in one token; a server that looks at the limit first leaks the stop sequence.",
  source: OPENAI_STOP,
  needs: ["stop"],
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const free = await target.generate(prompt, { max_tokens: 24 });
    const characters = Array.from(free.text);
    const endings = [2, 3, 4, 6, 8, 12].map((length) => characters.slice(-length).join(""));
    const stop = endings.find(
      (each) => each.trim() !== "" && free.text.indexOf(each) === free.text.length - each.length,
    );
    if (stop === undefined || stop.length === free.text.length) {
      return inconclusive("a text whose last characters appear only at its end");
    }
    const wanted = free.text.slice(0, free.text.length - stop.length);
    const request = { prompt, maxTokens: 24, free: free.text, stop: [stop], wanted: wanted };
    const stopped = await generateStopped(target, request);
    expect(`text with the stop sequence ${JSON.stringify(stop)}`, stopped.text).toBe(wanted);
  },
});

export const multibyte = defineCheck({
  id: "stop.multibyte",
  title: "a stop sequence of characters beyond ASCII ends the answer before it",
  level: "standard",
  why: "Such a character may be split over tokens; a server that matches decoded tokens one by one misses it.",
  source: "Unicode 16, 3.9: UTF-8 encodes a code point beyond U+007F in two to four bytes",
  needs: ["stop"],
  budgetMs: 40_000,
  run: async ({ target, prompts }) => {
    const prompt = prompts.unicode();
    const free = await target.generate(prompt, { max_tokens: 64 });
    const found = Array.from(free.text.slice(1)).find(
      (each) => each > "\u00A0" && each !== "\uFFFD" && /[\p{L}\p{S}]/u.test(each),
    );
    if (found === undefined) return inconclusive("a character beyond ASCII in the answer");
    const request = {
      prompt,
      maxTokens: 64,
      free: free.text,
      stop: [found],
      wanted: free.text.slice(0, free.text.indexOf(found)),
    };
    const stopped = await generateStopped(target, request);
    expect(`text with the stop sequence ${found}`, stopped.text).toBe(request.wanted);
  },
});

export const longListIsNotCut = defineCheck({
  id: "stop.long-list-is-not-cut",
  title: "a list of many stop sequences is refused with 4xx, or its last one works as well",
  level: "standard",
  why: "A server that keeps the first four sequences and drops the rest runs past the one that the client relies on.",
  source: OPENAI_STOP,
  needs: ["stop"],
  run: async ({ target, prompts, random }) => {
    const prompt = prompts.endless();
    const free = await target.generate(prompt, { max_tokens: 40 });
    const { stop, before } = findStop(free.text, random);
    const stops = [...Array.from({ length: 11 }, (_, index) => `${NEVER}${index}`), stop];
    const answer = await target.ask(prompt, { max_tokens: 1, stop: stops });
    if (answer.status >= 400 && answer.status < 500) return;
    const request = { prompt, maxTokens: 40, free: free.text, stop: stops, wanted: before };
    const stopped = await generateStopped(target, request);
    expect(`text with ${stops.length} stop sequences, the last one ${JSON.stringify(stop)}`, stopped.text).toBe(before);
  },
});
