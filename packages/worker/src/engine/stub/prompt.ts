import { hashText } from "worker-orcd-control";
import type { Chat, ChatMessage } from "../chat.js";
import type { EngineRequest } from "../engine.js";

const CHARACTERS_PER_TOKEN = 4;
/** Ids of tokens are below this. */
const TOKEN_IDS = 65_536;

export function countPromptTokens({ prompt }: Pick<EngineRequest, "prompt">): number {
  return Math.ceil(prompt.length / CHARACTERS_PER_TOKEN);
}

/** Four characters a token; its id depends on nothing else. */
export function tokenizeStub(text: string): number[] {
  const count = countPromptTokens({ prompt: text });
  return Array.from({ length: count }, (_, index) => {
    const start = index * CHARACTERS_PER_TOKEN;
    return hashText(text.slice(start, start + CHARACTERS_PER_TOKEN)) % TOKEN_IDS;
  });
}

/** What a template makes of a conversation: one line for each message, then the role that is to speak. */
export function renderStubChat({ messages }: Chat): string {
  return `${messages.map(renderMessage).join("\n")}\nassistant:`;
}

function renderMessage({ role, content, toolCalls = [] }: ChatMessage): string {
  const calls = toolCalls.map((call) => ` ${call.name}(${call.arguments})`);
  return `${role}: ${content}${calls.join("")}`;
}

/** The text that the request answers: of a conversation, the last message. */
export function lastText({ chat, prompt }: EngineRequest): string {
  return chat === undefined ? prompt : (chat.messages.at(-1)?.content ?? "");
}
