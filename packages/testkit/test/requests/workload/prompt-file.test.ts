import { describe, expect, test } from "vitest";
import { parsePromptFile, toTalk } from "../../../src/requests/workload/index.js";

const parse = (text: string) => parsePromptFile(text, "prompts.jsonl");
const talk = (line: object, turns = 1) => toTalk(parse(JSON.stringify(line)).prompts[0]!, turns);

const CHAT = {
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello!" },
    { role: "user", content: "How are you?" },
    { role: "assistant", content: "Very well, thank you." },
  ],
};
const SHARE_GPT = {
  id: "x",
  conversations: [
    { from: "gpt", value: "Welcome" },
    { from: "human", value: "One" },
    { from: "gpt", value: "Two" },
    { from: "human", value: "Three" },
  ],
};

describe("a file of prompts", () => {
  test("has one object a line; empty lines and a byte order mark do not count", () => {
    const { prompts, skippedCount } = parse('\uFEFF{"prompt": "A"}\r\n\n{"prompt": "B", "max_tokens": 5}\n');

    expect(prompts).toEqual([
      { form: "prompt", messages: [{ role: "user", content: "A" }], maxTokens: undefined },
      { form: "prompt", messages: [{ role: "user", content: "B" }], maxTokens: 5 },
    ]);
    expect(skippedCount).toBe(0);
  });

  test("may be an array, as ShareGPT's is; conversations without a user are left out and counted", () => {
    const { prompts, skippedCount } = parse(JSON.stringify([SHARE_GPT, { conversations: [] }, CHAT]));

    expect(prompts.map(({ form }) => form)).toEqual(["conversations", "messages"]);
    expect(skippedCount).toBe(1);
  });

  test.each([
    [
      '{"prompt": "A"}\n{"text": "b"}',
      'prompts.jsonl:2: expected the line to be an object with `prompt`, `messages` or `conversations`, got {"text":"b"}',
    ],
    ['{"prompt": " "}', 'prompts.jsonl:1: expected `prompt` to be a text that is not empty, got " "'],
    ['{"prompt": 3}', "prompts.jsonl:1: expected `prompt` to be a text that is not empty, got 3"],
    ['{"prompt": "A", "messages": []}', "prompts.jsonl:1: expected `messages` to be absent beside `prompt`, got []"],
    [
      '{"prompt": "A", "max_tokens": 0}',
      "prompts.jsonl:1: expected `max_tokens` to be a whole number of at least 1, got 0",
    ],
    ['{"messages": "A"}', 'prompts.jsonl:1: expected `messages` to be an array, got "A"'],
    [
      '{"messages": []}',
      "prompts.jsonl:1: expected `messages` to be messages with at least one of role `user`, got []",
    ],
    ['{"messages": ["A"]}', 'prompts.jsonl:1: expected `messages[0]` to be an object, got "A"'],
    [
      '{"messages": [{"role": "robot", "content": "A"}]}',
      'prompts.jsonl:1: expected `messages[0].role` to be one of system, developer, user, assistant, got "robot"',
    ],
    ['{"messages": [{"role": "constructor", "content": "A"}]}', "expected `messages[0].role` to be one of"],
    [
      '{"messages": [{"role": "user", "content": [1]}]}',
      "prompts.jsonl:1: expected `messages[0].content` to be a text, got [1]",
    ],
    [
      '[\n{"prompt": "A"},\n{"conversations": [{"from": "human",\n"value": 3}]}]',
      "prompts.jsonl:4: expected `conversations[0].value` to be a text, got 3",
    ],
    ['[\n"A"]', 'prompts.jsonl:2: expected the line to be an object, got "A"'],
    ['{"prompt": "A"}\n{"prompt":', "prompts.jsonl:2: not valid JSON: Unexpected end of JSON input (column 11)"],
    ['[\n{"prompt": "A"},,]', "prompts.jsonl: not valid JSON: "],
    ["\n", "Expected prompts.jsonl to have at least one prompt, got none"],
    ['{"conversations": []}', "Expected prompts.jsonl to have at least one prompt, got none"],
    [`{"prompt": ${JSON.stringify({ long: "x".repeat(500) })}}`, "…"],
  ])("%j is refused with its line, field and value", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

describe("what is said", () => {
  test("of a prompt is the prompt", () => {
    expect(talk({ prompt: "A", max_tokens: 9 })).toEqual({
      history: [],
      isChat: false,
      opening: "A",
      followUps: [],
      outputTokens: 9,
    });
  });

  test("of messages in one request is everything up to the last message of the user; the answer gives its length", () => {
    expect(talk(CHAT)).toMatchObject({
      history: CHAT.messages.slice(0, 3),
      isChat: true,
      opening: "How are you?",
      followUps: [],
      outputTokens: 5,
    });
  });

  test("of messages in several turns is each message of the user, without the recorded answers", () => {
    expect(talk(CHAT, 5)).toMatchObject({
      history: [CHAT.messages[0]],
      opening: "Hi",
      followUps: ["How are you?"],
      outputTokens: 2,
    });
  });

  test("of a conversation of ShareGPT begins with the first message of the user", () => {
    expect(talk(SHARE_GPT)).toMatchObject({ history: [], opening: "One", outputTokens: 1 });
    expect(talk(SHARE_GPT, 2)).toMatchObject({ history: [], opening: "One", followUps: ["Three"] });
  });
});
