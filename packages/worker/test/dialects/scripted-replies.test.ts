import type { StubConfigInput, StubReplyInput } from "worker-orcd-control";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Control } from "../support/control.js";
import { ask, askJson, readData, readLines, readNamed, type Json } from "../support/dialects.js";
import { execute, readEvents } from "../support/requests.js";
import { startSharedWorker, type WorkerProcess } from "../support/worker-process.js";

let worker: WorkerProcess;
let control: Control;

beforeAll(async () => {
  worker = await startSharedWorker(["--parallel", "4"]);
  control = new Control(worker);
});
afterAll(() => worker.stop());

// #region conversation
const CONVERSATION: StubConfigInput = {
  replies: [
    {
      when: { role: "user", contains: "weather" },
      reasoning: "They want the weather.",
      text: "Let me look.",
      toolCalls: [{ id: "call_1", name: "weather", arguments: { city: "Paris" } }],
    },
    { when: { role: "tool" }, text: "It is sunny.", usage: { promptTokens: 100, cachedTokens: 20 } },
    { when: { contains: "secret" }, text: "I cannot", stopReason: "content_filter" },
  ],
};
// #endregion

const user = (content: string) => ({ role: "user", content });

describe("a scripted call of a tool", () => {
  beforeAll(() => control.configure(CONVERSATION));

  test("in a chat of OpenAI", async () => {
    const request = { model: "stub", messages: [user("What is the weather?")] };
    const { body } = await askJson(worker, "/v1/chat/completions", request);
    expect(body["choices"]).toEqual([
      {
        index: 0,
        finish_reason: "tool_calls",
        stop_reason: null,
        logprobs: null,
        message: {
          role: "assistant",
          content: "Let me look.",
          refusal: null,
          reasoning_content: "They want the weather.",
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } },
          ],
        },
      },
    ]);
    expect(body["usage"]).toMatchObject({ completion_tokens: 10, completion_tokens_details: { reasoning_tokens: 4 } });
  });

  test("in a stream of OpenAI's chat: reasoning, text, the parts of the call, the reason", async () => {
    const request = { model: "stub", stream: true, messages: [user("What is the weather?")] };
    const chunks = readData(await (await ask(worker, "/v1/chat/completions", request)).text()).slice(0, -1);
    type Delta = Readonly<{
      content?: string;
      reasoning_content?: string;
      tool_calls?: readonly [Call];
      role?: string;
    }>;
    type Call = Readonly<{ index: number; id?: string; type?: string; function: { name?: string; arguments: string } }>;
    const choices = chunks.map(
      (chunk) => (chunk as { choices: readonly [{ delta: Delta; finish_reason: string | null }] }).choices[0],
    );
    expect(choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(choices.map(({ delta }) => delta.reasoning_content ?? "").join("")).toBe("They want the weather.");
    expect(choices.map(({ delta }) => delta.content ?? "").join("")).toBe("Let me look.");
    const calls = choices.flatMap(({ delta }) => delta.tool_calls ?? []);
    expect(calls[0]).toEqual({
      index: 0,
      id: "call_1",
      type: "function",
      function: { name: "weather", arguments: "" },
    });
    expect(calls.slice(1).every((call) => call.index === 0 && !("id" in call))).toBe(true);
    expect(calls.map((call) => call.function.arguments).join("")).toBe('{"city":"Paris"}');
    expect(choices.map(({ finish_reason }) => finish_reason).filter((reason) => reason !== null)).toEqual([
      "tool_calls",
    ]);
  });

  test("in a response of OpenAI, with and without a stream", async () => {
    const request = { model: "stub", input: "What is the weather?" };
    const { body } = await askJson(worker, "/v1/responses", request);
    expect(body).toMatchObject({
      status: "completed",
      output: [
        { type: "reasoning", content: [{ type: "reasoning_text", text: "They want the weather." }] },
        { type: "message", content: [{ type: "output_text", text: "Let me look." }] },
        { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Paris"}' },
      ],
    });
    const events = readNamed(await (await ask(worker, "/v1/responses", { ...request, stream: true })).text());
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index));
    const opened = events.filter(({ type }) => type === "response.output_item.added");
    const closed = events.filter(({ type }) => type === "response.output_item.done");
    expect([opened, closed].map((list) => list.map((event) => event["output_index"]))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    const last = events.at(-1) as { type: string; response: Json };
    expect(last.type).toBe("response.completed");
    expect(last.response["output"]).toEqual(closed.map((event) => event["item"]));
  });

  test("in a message of Anthropic, with and without a stream", async () => {
    const request = { model: "stub", max_tokens: 100, messages: [user("What is the weather?")] };
    const { body } = await askJson(worker, "/v1/messages", request);
    expect(body).toMatchObject({
      stop_reason: "tool_use",
      stop_sequence: null,
      content: [
        { type: "thinking", thinking: "They want the weather." },
        { type: "text", text: "Let me look." },
        { type: "tool_use", id: "call_1", name: "weather", input: { city: "Paris" } },
      ],
    });
    const events = readNamed(await (await ask(worker, "/v1/messages", { ...request, stream: true })).text());
    type Numbered = Readonly<{ type: string; index?: number }>;
    const types = (events as unknown as readonly Numbered[]).map(({ type, index }) =>
      index === undefined ? type : `${type} ${index}`,
    );
    const block = (index: number, deltas: number) => [
      `content_block_start ${index}`,
      ...Array<string>(deltas).fill(`content_block_delta ${index}`),
      `content_block_stop ${index}`,
    ];
    expect(types).toEqual([
      "message_start",
      ...block(0, 5), // four of the text, one with the signature
      ...block(1, 3),
      ...block(2, 2),
      "message_delta",
      "message_stop",
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" }, usage: { output_tokens: 10 } });
  });

  test("in a chat of Ollama: whole, in one line", async () => {
    const request = { model: "stub", messages: [user("What is the weather?")] };
    const lines = readLines(await (await ask(worker, "/api/chat", request)).text());
    const calls = lines.map((line) => (line["message"] as Json)["tool_calls"]).filter((call) => call !== undefined);
    expect(calls).toEqual([[{ function: { name: "weather", arguments: { city: "Paris" } } }]]);
    expect(lines.map((line) => (line["message"] as { thinking?: string }).thinking ?? "").join("")).toBe(
      "They want the weather.",
    );
    const whole = await askJson(worker, "/api/chat", { ...request, stream: false });
    expect(whole.body["message"]).toEqual({
      role: "assistant",
      content: "Let me look.",
      thinking: "They want the weather.",
      tool_calls: [{ function: { name: "weather", arguments: { city: "Paris" } } }],
    });
  });

  test("in the events of /execute", async () => {
    const events = await readEvents(await execute(worker, { prompt: "What is the weather?", max_tokens: 100 }));
    expect(events.filter((event) => event.type === "token" && event.channel === "reasoning")).toHaveLength(4);
    const calls = events.filter((event) => event.type === "tool_call");
    expect(calls[0]).toEqual({ type: "tool_call", index: 0, id: "call_1", name: "weather" });
    expect(calls.map((call) => call.arguments ?? "").join("")).toBe('{"city":"Paris"}');
    expect(events.at(-1)).toMatchObject({ type: "end", stop_reason: "tool_calls", tokens_out: 10 });
  });

  test("the result of the tool gets the next reply, with the scripted usage", async () => {
    const call = { id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } };
    const chat = [user("What is the weather?"), { role: "assistant", content: null, tool_calls: [call] }];
    const messages = [...chat, { role: "tool", tool_call_id: "call_1", content: "sunny" }];
    const { body } = await askJson(worker, "/v1/chat/completions", { model: "stub", messages });
    expect(body).toMatchObject({
      choices: [{ message: { content: "It is sunny." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 100, total_tokens: 103, prompt_tokens_details: { cached_tokens: 20 } },
    });
    const use = [{ type: "tool_use", id: "call_1", name: "weather", input: {} }];
    const result = [{ type: "tool_result", tool_use_id: "call_1", content: [{ type: "text", text: "sunny" }] }];
    const anthropic = [user("weather"), { role: "assistant", content: use }, { role: "user", content: result }];
    const message = await askJson(worker, "/v1/messages", { model: "stub", max_tokens: 9, messages: anthropic });
    expect(message.body).toMatchObject({
      content: [{ text: "It is sunny." }],
      usage: { input_tokens: 80, cache_read_input_tokens: 20 },
    });
  });

  test("a filtered answer says so in each dialect", async () => {
    const chat = { model: "stub", messages: [user("the secret")] };
    const openAi = await askJson(worker, "/v1/chat/completions", chat);
    expect(openAi.body["choices"]).toMatchObject([{ finish_reason: "content_filter" }]);
    const response = await askJson(worker, "/v1/responses", { model: "stub", input: "the secret" });
    expect(response.body).toMatchObject({ status: "incomplete", incomplete_details: { reason: "content_filter" } });
    const message = await askJson(worker, "/v1/messages", { ...chat, max_tokens: 9 });
    expect(message.body).toMatchObject({ stop_reason: "refusal" });
  });

  test("max_tokens and stop sequences end a reply before its script does", async () => {
    const request = { model: "stub", messages: [user("What is the weather?")] };
    const cut = await askJson(worker, "/v1/chat/completions", { ...request, max_tokens: 5 });
    expect(cut.body["choices"]).toMatchObject([{ finish_reason: "length", message: { content: "Let" } }]);
    const stopped = await askJson(worker, "/v1/chat/completions", { ...request, stop: "me" });
    expect(stopped.body["choices"]).toMatchObject([
      { finish_reason: "stop", stop_reason: "me", message: { content: "Let " } },
    ]);
  });
});

describe("which reply is given", () => {
  const say = async (content: string, more: Json = {}) => {
    const messages = (more["messages"] ?? [user(content)]) as unknown;
    const { body } = await askJson(worker, "/v1/chat/completions", { model: "stub", ...more, messages });
    return (body["choices"] as readonly [{ message: { content: string } }])[0].message.content;
  };
  const script = (...replies: StubReplyInput[]) => control.configure({ content: { script: ["otherwise"] }, replies });

  test("the first that fits; none: `content`", async () => {
    await script({ when: { contains: "a" }, text: "one" }, { when: { contains: "ab" }, text: "two" });
    expect([await say("ab"), await say("b")]).toEqual(["one", "otherwise"]);
  });

  test("`times` uses a reply up, so that a list of them is a dialogue", async () => {
    await script({ times: 1, text: "one" }, { times: 2, text: "two" });
    expect([await say("x"), await say("x"), await say("x"), await say("x")]).toEqual([
      "one",
      "two",
      "two",
      "otherwise",
    ]);
  });

  test("`contains` looks at the last message, `conversationContains` at all of them", async () => {
    await script(
      { when: { contains: "first" }, text: "last" },
      { when: { conversationContains: "first" }, text: "any" },
    );
    const answer = { role: "assistant", content: "…" };
    expect(await say("", { messages: [user("first"), answer, user("second")] })).toBe("any");
    expect(await say("first")).toBe("last");
  });

  test("`turn` counts the answers so far", async () => {
    await script({ when: { turn: 2 }, text: "second" });
    const answer = { role: "assistant", content: "…" };
    expect([await say("x"), await say("", { messages: [user("x"), answer, user("y")] })]).toEqual([
      "otherwise",
      "second",
    ]);
  });

  test("`tool` wants a tool that the request offers", async () => {
    await script({ when: { tool: "weather" }, text: "can" });
    const tools = [{ type: "function", function: { name: "weather" } }];
    expect([await say("x"), await say("x", { tools })]).toEqual(["otherwise", "can"]);
  });

  test("a list is the tokens themselves", async () => {
    await script({ text: ["a b", "c"] });
    const text = await (await ask(worker, "/api/chat", { model: "stub", messages: [user("x")] })).text();
    expect(readLines(text).map((line) => (line["message"] as Json)["content"])).toEqual(["a b", "c", ""]);
  });
});

test("without a script, a call that the client insists on fits the schema of the tool", async () => {
  await control.configure({});
  const parameters = {
    type: "object",
    properties: { city: { enum: ["Paris"] }, days: { type: "integer", minimum: 3 } },
  };
  const tools = [{ type: "function", function: { name: "weather", parameters } }];
  const request = { model: "stub", messages: [user("x")], tools, tool_choice: "required" };
  const { body } = await askJson(worker, "/v1/chat/completions", request);
  const [choice] = body["choices"] as readonly [
    { message: { tool_calls: readonly [{ function: Json }] }; finish_reason: string },
  ];
  expect(choice.finish_reason).toBe("tool_calls");
  expect(choice.message.tool_calls[0].function).toEqual({ name: "weather", arguments: '{"city":"Paris","days":3}' });
});
