import Anthropic from "@anthropic-ai/sdk";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { waitForIdle, WorkerTestHarness, type MockWorkerOptions } from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { describeEngines, useWorker } from "./support/engines.js";

/** Unchanged clients, pointed at worker-orcd. What they throw is of their own classes. */
const openAi = (worker: WorkerTestHarness, maxRetries = 0) =>
  new OpenAI({ baseURL: `${worker.baseUrl}/v1`, apiKey: "unused", maxRetries });
const anthropic = (worker: WorkerTestHarness) =>
  new Anthropic({ baseURL: worker.baseUrl, apiKey: "unused", maxRetries: 0 });
const ollama = (worker: WorkerTestHarness) => new Ollama({ host: worker.baseUrl });

const say = (content: string) => [{ role: "user" as const, content }];

async function modelOf(worker: WorkerTestHarness): Promise<string> {
  return (await worker.health()).model;
}

const start = (stub: MockWorkerOptions["stub"]) => WorkerTestHarness.startMock({ stub });

describeEngines((engine) => {
  const worker = useWorker(() => engine.start({ parallel: 2 }));

  test("the client of OpenAI lists the model, and completes with and without a stream", async () => {
    const client = openAi(worker());
    const model = await modelOf(worker());
    const models = await client.models.list();
    const whole = await client.completions.create({ model, prompt: "Hello", max_tokens: 6, temperature: 0, seed: 1 });
    const stream = await client.completions.create({
      ...{ model, prompt: "Hello", max_tokens: 6, temperature: 0, seed: 1, stream: true },
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? "";
      usage = chunk.usage ?? usage;
    }

    expect(models.data.map(({ id }) => id)).toEqual([model]);
    expect(text).toBe(whole.choices[0]?.text);
    expect(whole.choices[0]?.finish_reason).toBe("length");
    expect(usage?.completion_tokens).toBe(6);
  });

  test("the client of Ollama generates, with and without a stream", async () => {
    const client = ollama(worker());
    const request = {
      model: await modelOf(worker()),
      prompt: "Hello",
      raw: true,
      options: { num_predict: 5, temperature: 0, seed: 1 },
    };
    const whole = await client.generate(request);
    let text = "";
    for await (const part of await client.generate({ ...request, stream: true })) text += part.response ?? "";

    expect(text).toBe(whole.response);
    expect(whole.eval_count).toBe(5);
    expect((await client.list()).models.map(({ name }) => name)).toEqual([`${request.model}:latest`]);
  });

  test("an abort of the client of OpenAI frees the slot", async () => {
    const client = openAi(worker());
    const stream = await client.completions.create({
      model: await modelOf(worker()),
      prompt: "Tell me everything",
      max_tokens: 2000,
      stream: true,
    });
    for await (const _ of stream) stream.controller.abort();
    await waitForIdle(worker());
  });
});

describe("against the stub", () => {
  test("OpenAI: a call of a tool, its result, and the answer to it", async () => {
    await using worker = await start({
      replies: [
        { when: { role: "tool" }, text: "It is sunny." },
        { toolCalls: [{ id: "call_1", name: "weather", arguments: { city: "Paris" } }] },
      ],
    });
    const client = openAi(worker);
    const tools = [{ type: "function" as const, function: { name: "weather", parameters: { type: "object" } } }];
    const asked = await client.chat.completions.create({ model: "stub", messages: say("Weather?"), tools });
    const [call] = asked.choices[0]?.message.tool_calls ?? [];
    const answered = await client.chat.completions.create({
      model: "stub",
      messages: [
        ...say("Weather?"),
        asked.choices[0]!.message,
        { role: "tool", tool_call_id: call!.id, content: "sunny" },
      ],
      tools,
    });

    expect(asked.choices[0]?.finish_reason).toBe("tool_calls");
    expect(call).toMatchObject({ function: { name: "weather", arguments: '{"city":"Paris"}' } });
    expect(answered.choices[0]?.message.content).toBe("It is sunny.");
  });

  test("OpenAI: structured output, chat streams and responses", async () => {
    await using worker = await start({});
    const client = openAi(worker);
    const schema = {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    };
    const shaped = await client.chat.completions.create({
      model: "stub",
      messages: say("A city"),
      response_format: { type: "json_schema", json_schema: { name: "city", schema, strict: true } },
    });
    let streamed = "";
    const chat = await client.chat.completions.create({
      model: "stub",
      messages: say("Hi"),
      max_completion_tokens: 5,
      stream: true,
    });
    for await (const chunk of chat) streamed += chunk.choices[0]?.delta.content ?? "";
    const response = await client.responses.create({ model: "stub", input: "Hi", max_output_tokens: 16 });

    expect(Object.keys(JSON.parse(shaped.choices[0]?.message.content ?? "") as object)).toEqual(["city"]);
    expect(streamed).not.toBe("");
    expect(response.output_text).not.toBe("");
  });

  test("Anthropic: a message, a stream, and the stop sequence by name", async () => {
    await using worker = await start({ content: { script: ["one ", "two ", "three"] } });
    const client = anthropic(worker);
    const request = { model: "stub", max_tokens: 10, messages: say("Count"), stop_sequences: ["three"] };
    const message = await client.messages.create(request);
    const streamed = await client.messages.stream(request).finalMessage();

    expect(message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "three" });
    expect(message.content).toMatchObject([{ type: "text", text: "one two " }]);
    expect(streamed.content).toEqual(message.content);
  });

  test("Ollama: a conversation", async () => {
    await using worker = await start({ replies: [{ text: "Hello!" }] });
    const { message, done_reason } = await ollama(worker).chat({ model: "stub", messages: say("Hi") });

    expect({ message, done_reason }).toMatchObject({
      message: { role: "assistant", content: "Hello!" },
      done_reason: "stop",
    });
  });

  test("errors arrive as the clients' own classes", async () => {
    await using worker = await start({});
    const create = openAi(worker).chat.completions;
    const hi = say("Hi");
    const message = { model: "claude-9", max_tokens: 5, messages: hi };

    await expect(create.create({ model: "gpt-9", messages: hi })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(create.create({ model: "stub", messages: hi, n: 2 })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(anthropic(worker).messages.create(message)).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    await expect(ollama(worker).generate({ model: "llama-9", prompt: "Hi" })).rejects.toThrow("llama-9");
  });

  test("a refusal is retried by the client, and the proxy's ledger has it", async () => {
    await using worker = await start({});
    await using server = await WorkerTestHarness.attach(worker.baseUrl, { dialect: "openai-chat" });
    await using proxy = await FaultProxy.inFrontOf(server, { faults: [{ id: "status", code: 503, when: { nth: 1 } }] });
    const client = new OpenAI({ baseURL: `http://127.0.0.1:${proxy.port}/v1`, apiKey: "unused", maxRetries: 1 });
    const answer = await client.chat.completions.create({
      model: "stub",
      messages: say("Hi"),
      max_completion_tokens: 3,
    });

    expect(answer.choices[0]?.finish_reason).toBe("length");
    expect(proxy.faults.accounts()).toMatchObject([{ fired: 1 }]);
  });

  test("a stream that breaks off is an error of the client, or the end of its text: never a finish reason", async () => {
    await using worker = await start({ timing: { itlMs: 1 } });
    await worker.faults.arm([{ id: "vram-oom", at: { afterTokens: 3 } }]);
    const stream = await openAi(worker).completions.create({
      model: "stub",
      prompt: "Hi",
      max_tokens: 20,
      stream: true,
    });
    const reading = (async () => {
      for await (const _ of stream);
    })();

    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});
