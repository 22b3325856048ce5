import { isRecord } from "../../options/index.js";

/** One message of a chat. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** One line of a file of prompts. */
export interface FilePrompt {
  /** `prompt`: a plain text, which is its only message. */
  readonly form: "prompt" | "messages" | "conversations";
  /** At least one is of a user. */
  readonly messages: readonly ChatMessage[];
  /** How long the answer may be, in tokens, if the line says so. */
  readonly maxTokens: number | undefined;
}

/** Why a line is not one. */
export interface PromptProblem {
  /** Empty: the line itself. */
  readonly field: string;
  /** Continues "expected it to be". */
  readonly wanted: string;
  readonly value: unknown;
}

const FORMS = ["prompt", "messages", "conversations"] as const;
/** The speakers of ShareGPT, whose dumps have several names for each. */
const SPEAKERS: Readonly<Record<string, ChatMessage["role"]>> = {
  system: "system",
  human: "user",
  user: "user",
  gpt: "assistant",
  chatgpt: "assistant",
  assistant: "assistant",
  bard: "assistant",
  bing: "assistant",
};
const ROLES: Readonly<Record<string, ChatMessage["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
};

type Fields = Readonly<Record<string, unknown>>;

/** @returns `undefined` for a conversation without a message of a user, as dumps of ShareGPT have them. */
export function readPrompt(line: Fields): FilePrompt | PromptProblem | undefined {
  const [form, another] = FORMS.filter((name) => line[name] !== undefined);
  if (form === undefined)
    return { field: "", wanted: "an object with `prompt`, `messages` or `conversations`", value: line };
  if (another !== undefined) return { field: another, wanted: `absent beside \`${form}\``, value: line[another] };
  const { max_tokens: maxTokens } = line;
  if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && (maxTokens as number) >= 1))
    return { field: "max_tokens", wanted: "a whole number of at least 1", value: maxTokens };
  const messages = READERS[form](line[form]);
  if (!Array.isArray(messages)) return messages as PromptProblem;
  const hasUser = (messages as ChatMessage[]).some(({ role }) => role === "user");
  if (hasUser) return { form, messages: messages as ChatMessage[], maxTokens: maxTokens as number | undefined };
  if (form === "conversations") return undefined;
  return { field: form, wanted: "messages with at least one of role `user`", value: line[form] };
}

type Read = readonly ChatMessage[] | PromptProblem;

const READERS: Readonly<Record<(typeof FORMS)[number], (value: unknown) => Read>> = {
  prompt: (value) => {
    if (typeof value === "string" && value.trim() !== "") return [{ role: "user", content: value }];
    return { field: "prompt", wanted: "a text that is not empty", value };
  },
  messages: (value) => readList("messages", value, { who: "role", what: "content", names: ROLES }),
  conversations: (value) => readList("conversations", value, { who: "from", what: "value", names: SPEAKERS }),
};

interface Members {
  readonly who: string;
  readonly what: string;
  readonly names: Readonly<Record<string, ChatMessage["role"]>>;
}

function readList(field: string, value: unknown, { who, what, names }: Members): Read {
  if (!Array.isArray(value)) return { field, wanted: "an array", value };
  const messages: ChatMessage[] = [];
  for (const [index, one] of (value as unknown[]).entries()) {
    const at = `${field}[${index}]`;
    if (!isRecord(one)) return { field: at, wanted: "an object", value: one };
    const [name, content] = [one[who], one[what]];
    const role = typeof name === "string" && Object.hasOwn(names, name) ? names[name] : undefined;
    if (role === undefined)
      return { field: `${at}.${who}`, wanted: `one of ${Object.keys(names).join(", ")}`, value: name };
    if (typeof content !== "string") return { field: `${at}.${what}`, wanted: "a text", value: content };
    messages.push({ role, content });
  }
  return messages;
}
