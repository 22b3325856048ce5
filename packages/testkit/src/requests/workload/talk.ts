import type { ChatMessage, FilePrompt } from "./file-prompt.js";

/** What a user says, in order; the answers come from the server. */
export interface Talk {
  /** Messages before the opening: those of the system, and in a request without follow-ups the recorded ones. */
  readonly history: readonly ChatMessage[];
  /** Whether it is sent as messages where the dialect takes them. */
  readonly isChat: boolean;
  readonly opening: string;
  readonly followUps: readonly string[];
  /** How long the first answer is to be, in tokens; `undefined` if the file does not say so. */
  readonly outputTokens: number | undefined;
}

/** Roughly, in English. */
const CHARACTERS_PER_TOKEN = 4;

/** Without a tokenizer: one token for four characters. */
export function estimateTokens(text: string): number {
  return Math.max(1, Math.round(text.length / CHARACTERS_PER_TOKEN));
}

/**
 * What is said of a line of a file. With several turns, each message of a user is one, and the recorded answers are dropped. With one, ShareGPT's
 * conversations are cut after their first message of a user, and `messages` before the last answer.
 */
export function toTalk({ form, messages, maxTokens }: FilePrompt, turns: number): Talk {
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const firstUser = messages.findIndex(({ role }) => role === "user");
  const isHistory = turns === 1 && form === "messages";
  const at = isHistory ? lastUser : firstUser;
  const history = messages.slice(0, at).filter(({ role }) => isHistory || role === "system");
  const answer = messages[at + 1]?.role === "assistant" ? messages[at + 1]?.content : undefined;
  return {
    history,
    isChat: form !== "prompt" || turns > 1,
    opening: messages[at]?.content ?? "",
    followUps: messages.slice(at + 1).flatMap(({ role, content }) => (role === "user" ? [content] : [])),
    outputTokens: maxTokens ?? (answer === undefined ? undefined : estimateTokens(answer)),
  };
}
