import type { MutantDefinition } from "./define-mutant.js";

/** Defects of streams and of the text in them. */
export const STREAM_MUTANTS = {
  "stream.collects-everything": {
    meaning: "All tokens are sent at once when the answer is complete.",
    killedBy: ["stream.arrives-while-generated"],
    seen: "https://github.com/waybarrios/vllm-mlx/pull/200",
    making: { kind: "stub", faults: [{ id: "fake-streaming" }] },
  },
  "stream.counts-too-few-tokens": {
    meaning: "The reported number of tokens is lower than the number of token events.",
    killedBy: ["stream.usage-agrees-with-tokens"],
    making: { kind: "stub", faults: [{ id: "wrong-tokens-out" }] },
  },
  "stream.whole-answer-differs": {
    meaning: "The answer without streaming lacks the last character of its text.",
    killedBy: ["stream.equals-whole-answer"],
    seen: "https://github.com/vllm-project/vllm/issues/30099",
    making: { kind: "worker" },
  },
  "text.decodes-each-token": {
    meaning: "Each token of a stream is decoded alone, so that a character of several tokens becomes U+FFFD.",
    killedBy: ["text.whole-characters"],
    seen: "https://github.com/abetlen/llama-cpp-python/issues/57",
    making: { kind: "worker" },
  },
  "stream.truncates-a-message": {
    meaning: "The JSON of one message of a stream is cut off.",
    killedBy: ["stream.every-event-parses"],
    making: { kind: "stub", faults: [{ id: "truncated-json" }] },
  },
  "stream.new-id-per-chunk": {
    meaning: "Every chunk of a stream has another id.",
    killedBy: ["stream.id-is-constant"],
    seen: "https://github.com/ggml-org/llama.cpp/issues/5876",
    making: { kind: "worker" },
  },
  "stream.sends-usage-unasked": {
    meaning: "The chunk with the usage is sent to clients that did not ask for it.",
    killedBy: ["stream.no-usage-unless-asked"],
    making: { kind: "worker" },
  },
  "text.drops-non-ascii-from-the-prompt": {
    meaning: "Characters beyond ASCII are removed from the prompt.",
    killedBy: ["text.characters-of-the-prompt-count"],
    making: { kind: "worker" },
  },
  "text.fails-for-nul": {
    meaning: "A prompt with NUL is answered with 500.",
    killedBy: ["text.odd-characters-are-answered"],
    making: { kind: "worker" },
  },
  "text.shows-tokenizer-markers": {
    meaning: "Spaces are sent as the tokenizer writes them.",
    killedBy: ["text.no-tokenizer-markers"],
    making: { kind: "worker" },
  },
  "text.fails-on-a-cut-character": {
    meaning: "A job fails if its last token ends inside a character.",
    killedBy: ["text.cut-character-ends-cleanly"],
    making: { kind: "worker" },
  },
  "stream.silent-during-the-prefill": {
    meaning: "Nothing is sent, not even headers, during a prefill of 30 seconds.",
    killedBy: ["stream.long-prefill-is-not-silent"],
    seen: "https://github.com/antirez/ds4/pull/151",
    making: { kind: "worker" },
  },
  "stream.forgets-the-usage": {
    meaning: "The usage is left out of a stream, also if it was asked for.",
    killedBy: ["stream.usage-when-asked"],
    making: { kind: "worker" },
  },
} as const satisfies Readonly<Record<string, MutantDefinition>>;
