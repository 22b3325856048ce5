import { afterAll, beforeAll, expect, test } from "vitest";
import { TestModel } from "../../../testkit/src/models/index.js";
import { ask, askJson, readData, type Json } from "../support/dialects.js";
import { WorkerProcess } from "../support/worker-process.js";

/** llama.cpp takes its time to load on a busy machine. */
const START_MS = 60_000;

async function startLlama(modelPath: string): Promise<WorkerProcess> {
  const flags = ["--port", "0", "--model", modelPath, "--gpu-device", "-1", "--threads", "1", "--context-size", "512"];
  const worker = new WorkerProcess(flags, {});
  await worker.waitForLine("ready", START_MS);
  return worker;
}

let worker: WorkerProcess;
let model = "";
beforeAll(async () => {
  const { path, name } = await TestModel.synthetic();
  model = name;
  worker = await startLlama(path);
}, START_MS);
afterAll(() => worker.stop());

const messages = [{ role: "user", content: "Say hello" }];

test("completions stream the same text that a body has, with its usage", async () => {
  const request = { model, prompt: "Hello", max_tokens: 12, seed: 7 };
  const { body } = await askJson(worker, "/v1/completions", request);
  const options = { stream: true, stream_options: { include_usage: true } };
  const chunks = readData(await (await ask(worker, "/v1/completions", { ...request, ...options })).text()).slice(
    0,
    -1,
  ) as Json[];
  const textOf = (chunk: Json) => (chunk["choices"] as readonly { text: string }[])[0]?.text ?? "";
  expect(chunks.map(textOf).join("")).toBe(textOf(body));
  expect(chunks.at(-1)?.["usage"]).toEqual(body["usage"]);
  expect(body["usage"]).toMatchObject({ completion_tokens: 12 });
});

test("a model without a template cannot chat, and the answer says so", async () => {
  const { status, body } = await askJson(worker, "/v1/chat/completions", { model, messages });
  expect([status, (body["error"] as Json)["message"]]).toEqual([
    400,
    "`messages` needs a model with a chat template; this one has none",
  ]);
});

test.each<[string, Json, RegExp]>([
  [
    "/v1/chat/completions",
    { messages, tools: [{ type: "function", function: { name: "f" } }] },
    /`tools` is not supported by the engine/,
  ],
  [
    "/v1/messages",
    { messages, max_tokens: 5, thinking: { type: "enabled" } },
    /`thinking` is not supported by the engine/,
  ],
  ["/v1/embeddings", { input: "x" }, /`model` is not supported by the engine of this worker \(no embeddings\)/],
])("%s refuses what the engine cannot do: %j", async (path, fields, problem) => {
  const { status, body } = await askJson(worker, path, { model, ...fields });
  expect([status, (body["error"] as Json)["message"]]).toEqual([400, expect.stringMatching(problem)]);
});

test("a prompt that fills the context is context_length_exceeded", async () => {
  const { status, body } = await askJson(worker, "/v1/completions", { model, prompt: "Hello ".repeat(600) });
  expect([status, (body["error"] as Json)["code"]]).toEqual([400, "context_length_exceeded"]);
});

const real = TestModel.smolLm2();

test(
  "SmolLM2 chats in every dialect with one and the same text",
  async (context) => {
    if (!real.exists()) return context.skip("no SmolLM2: run scripts/ensure-llama-server.sh");
    await using smol = await startLlama(real.path);
    const chat = { model: real.name, messages, temperature: 0 };
    const [openAi, anthropic, ollama, response] = await Promise.all([
      askJson(smol, "/v1/chat/completions", { ...chat, max_tokens: 8 }),
      askJson(smol, "/v1/messages", { ...chat, max_tokens: 8 }),
      askJson(smol, "/api/chat", {
        ...chat,
        temperature: undefined,
        stream: false,
        options: { num_predict: 8, temperature: 0 },
      }),
      askJson(smol, "/v1/responses", { ...chat, messages: undefined, input: "Say hello", max_output_tokens: 8 }),
    ]);
    const texts = [
      (openAi.body["choices"] as readonly [{ message: { content: string } }])[0].message.content,
      (anthropic.body["content"] as readonly [{ text: string }])[0].text,
      (ollama.body["message"] as { content: string }).content,
      (response.body["output"] as readonly [{ content: readonly [{ text: string }] }])[0].content[0].text,
    ];
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).not.toBe("");
    expect(openAi.body["usage"]).toMatchObject({ prompt_tokens: 32, completion_tokens: 8 });
  },
  2 * START_MS,
);
