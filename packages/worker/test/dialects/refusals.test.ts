import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, ROUTES, type Json, type Route } from "../support/dialects.js";
import { startSharedWorker, type WorkerProcess } from "../support/worker-process.js";

let worker: WorkerProcess;
beforeAll(async () => {
  worker = await startSharedWorker();
});
afterAll(() => worker.stop());

const chat = (message: unknown) => ({ messages: [message] });
const tool = { type: "function", function: { name: "f" } };

/** What would change the output and cannot be done: the field, and what the answer says of it. */
const REFUSED: Readonly<Record<string, readonly (readonly [Json, RegExp])[]>> = {
  "openai-chat": [
    [{ n: 2 }, /`n` is not supported; the only value is `1`/],
    [{ presence_penalty: 0.5 }, /`presence_penalty` is not supported/],
    [{ frequency_penalty: -0.5 }, /`frequency_penalty` is not supported/],
    [{ logit_bias: { "50256": -100 } }, /`logit_bias` is not supported/],
    [{ logprobs: true }, /`logprobs` is not supported by the engine of this worker/],
    [{ modalities: ["text", "audio"] }, /`modalities\[1\]` is not supported/],
    [{ audio: { voice: "alloy" } }, /`audio` is not supported/],
    [{ functions: [] }, /`functions` is not supported/],
    [{ prediction: { type: "content" } }, /`prediction` is not supported/],
    [{ min_tokens: 5 }, /`min_tokens` is not supported/],
    [{ stop_token_ids: [1] }, /`stop_token_ids` is not supported/],
    [{ guided_regex: "a*" }, /`guided_regex` is not supported/],
    [{ grammar: "root ::= x" }, /`grammar` is not supported/],
    [
      chat({ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }),
      /`messages\[0\]\.content\[0\]\.type` is not supported/,
    ],
    [chat({ role: "bot", content: "x" }), /`messages\[0\]\.role` must be `system` or `developer`/],
    [{ messages: "x" }, /`messages` must be an array/],
    [{ messages: [] }, /`messages` must not be empty/],
    [{ messages: undefined }, /`messages` is required/],
    [{ temperature: 2.5 }, /`temperature` must be from 0 to 2/],
    [{ temperature: "hot" }, /`temperature` must be a number, got `"hot"`/],
    [{ top_p: -1 }, /`top_p` must be from 0 to 1/],
    [{ seed: -1 }, /`seed` must be an integer from 0 to 18446744073709551615/],
    [{ seed: 1.5 }, /`seed` must be an integer/],
    [{ stop: ["a", "b", "c", "d", "e"] }, /`stop` must have at most 4 items/],
    [{ stop: [""] }, /`stop\[0\]` must not be empty/],
    [{ stop: "é".repeat(51) }, /`stop` must have at most 100 bytes/],
    [{ max_tokens: 0 }, /`max_tokens` must be at least 1/],
    [{ max_completion_tokens: 1.5 }, /`max_completion_tokens` must be an integer/],
    [{ tool_choice: "required" }, /`tool_choice` needs `tools`/],
    [
      { tools: [tool], tool_choice: { type: "function", function: { name: "g" } } },
      /`tool_choice` must name one of `tools`, got `g`/,
    ],
    [{ tools: [{ type: "web_search" }] }, /`tools\[0\]\.type` is not supported/],
    [{ response_format: { type: "xml" } }, /`response_format\.type` must be `text` or `json_object` or `json_schema`/],
    [{ response_format: { type: "json_schema" } }, /`response_format\.json_schema` is required/],
    [
      { response_format: { type: "json_schema", json_schema: { schema: [] } } },
      /`response_format\.json_schema\.schema` must be an object of at most 100 levels/,
    ],
    [
      { tools: [{ type: "function", function: { name: "f", parameters: [] } }] },
      /`tools\[0\]\.function\.parameters` must be an object/,
    ],
    [{ repetition_penalty: 0 }, /`repetition_penalty` must be above 0/],
    [{ stream: "yes" }, /`stream` must be a boolean/],
    [{ model: undefined }, /`model` is required/],
  ],
  "openai-completions": [
    [{ n: 2 }, /`n` is not supported/],
    [{ best_of: 3 }, /`best_of` is not supported/],
    [{ echo: true }, /`echo` is not supported/],
    [{ suffix: "end" }, /`suffix` is not supported/],
    [{ logprobs: 0 }, /`logprobs` is not supported/],
    [{ prompt: ["a", "b"] }, /`prompt` is not supported with several prompts/],
    [{ prompt: [1, 2, 3] }, /`prompt\[0\]` must be a string/],
    [{ prompt: "" }, /`prompt` must not be empty/],
  ],
  "openai-responses": [
    [{ previous_response_id: "resp_1" }, /`previous_response_id` is not supported/],
    [{ conversation: "conv_1" }, /`conversation` is not supported/],
    [{ background: true }, /`background` is not supported/],
    [{ truncation: "auto" }, /`truncation` is not supported/],
    [{ prompt: { id: "p" } }, /`prompt` is not supported/],
    [{ tools: [{ type: "web_search" }] }, /`tools\[0\]\.type` is not supported/],
    [
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }] },
      /`input\[0\]\.content\[0\]\.type` is not supported/,
    ],
    [{ input: [{ type: "computer_call" }] }, /`input\[0\]\.type` must be `message` or `function_call`/],
    [
      { input: [{ type: "item_reference", id: "msg_x" }] },
      /`input\[0\]\.id` refers to an item that this worker does not have/,
    ],
    [{ max_output_tokens: 0 }, /`max_output_tokens` must be at least 1/],
  ],
  anthropic: [
    [{ max_tokens: undefined }, /`max_tokens` is required/],
    [{ temperature: 1.5 }, /`temperature` must be from 0 to 1/],
    [chat({ role: "system", content: "x" }), /`messages\[0\]\.role` must be `user` or `assistant`/],
    [
      chat({ role: "user", content: [{ type: "image", source: {} }] }),
      /`messages\[0\]\.content\[0\]\.type` must be `text` or/,
    ],
    [{ mcp_servers: [{ type: "url" }] }, /`mcp_servers` is not supported/],
    [{ stop_sequences: ["x".repeat(101)] }, /`stop_sequences\[0\]` must have at most 100 bytes/],
    [{ tools: [{ type: "bash_20250124", name: "bash" }] }, /`tools\[0\]\.type` is not supported/],
  ],
  "ollama-chat": [
    [chat({ role: "user", content: "x", images: ["…"] }), /`messages\[0\]\.images` is not supported/],
    [{ options: { mirostat: 1 } }, /`options\.mirostat` is not supported/],
    [{ options: { presence_penalty: 1 } }, /`options\.presence_penalty` is not supported/],
    [{ options: { stop: ["x".repeat(101)] } }, /`options\.stop\[0\]` must have at most 100 bytes/],
    [{ format: "xml" }, /`format` must be `json` or an object, got `"xml"`/],
    [{ logprobs: true }, /`logprobs` is not supported/],
  ],
  "ollama-generate": [
    [{ suffix: "end" }, /`suffix` is not supported/],
    [{ template: "{{ .Prompt }}" }, /`template` is not supported/],
    [{ context: [1, 2] }, /`context` is not supported/],
    [{ images: ["…"] }, /`images` is not supported/],
    [{ prompt: 1 }, /`prompt` must be a string/],
  ],
};

const cases = Object.entries(REFUSED).flatMap(([name, list]) =>
  list.map(([fields, problem]) => ({ name, fields, problem, shown: JSON.stringify(fields).slice(0, 90) })),
);

test.each(cases)("$name refuses $shown", async ({ name, fields, problem }) => {
  const { path, body } = ROUTES[name] as Route;
  const answer = await ask(worker, path, { ...body("Hello", 5, true), ...fields });
  const { error } = (await answer.json()) as { error: string | { message: string; param?: string } };
  const message = typeof error === "string" ? error : error.message;
  expect([answer.status, message]).toEqual([400, expect.stringMatching(problem)]);
  if (name.startsWith("openai")) {
    const field = /^`([^`]+)`/.exec(message)?.[1];
    expect((error as { param?: string }).param).toBe(field);
  }
});

/** JSON text of an array in an array in an array … */
const nest = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describe("a hostile body", () => {
  const send = async (path: string, text: string) => {
    const answer = await ask(worker, path, text);
    return [answer.status, await answer.text()];
  };

  test.each([
    [
      "/v1/chat/completions",
      `{"model":"stub","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"const":${nest(100_000)}}}}}`,
    ],
    [
      "/v1/messages",
      `{"model":"stub","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":{"c":${nest(100_000)}}}]}]}`,
    ],
    ["/api/chat", `{"model":"stub","messages":[{"role":"user","content":"x"}],"format":{"const":${nest(100_000)}}}`],
  ])("%s refuses values of 100,000 levels", async (path, text) => {
    expect(await send(path, text)).toEqual([400, expect.stringMatching(/must be|levels/)]);
  });

  test("15,000 messages are refused, and the worker continues", async () => {
    const many = Array.from({ length: 15_000 }, (_, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: "abcd",
    }));
    for (const [path, body] of [
      ["/v1/responses", { model: "stub", input: many }],
      ["/v1/chat/completions", { model: "stub", messages: many }],
      ["/v1/messages", { model: "stub", max_tokens: 5, messages: many }],
    ] as const) {
      expect(await send(path, JSON.stringify(body))).toEqual([
        400,
        expect.stringContaining("must have 1 to 32768 characters"),
      ]);
    }
    expect((await fetch(`${worker.url}/health`)).status).toBe(200);
  });
});

describe("a refusal", () => {
  test("never repeats what may be confidential", async () => {
    const { path, body } = ROUTES["openai-chat"] as Route;
    const secret = "4111-1111";
    for (const fields of [
      { messages: secret },
      chat({ role: "user", content: [{ type: secret }] }),
      { stop: [secret.repeat(20)] },
    ]) {
      const answer = await ask(worker, path, { ...body("Hello", 5, true), ...fields });
      expect(answer.status).toBe(400);
      expect(await answer.text()).not.toContain(secret);
    }
  });

  test("is bounded, however long the value is", async () => {
    const { path, body } = ROUTES["openai-chat"] as Route;
    for (const fields of [
      { model: "m".repeat(500_000) },
      { temperature: "t".repeat(500_000) },
      { response_format: { type: "x".repeat(500_000) } },
    ]) {
      const answer = await ask(worker, path, { ...body("Hello", 5, true), ...fields });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect((await answer.text()).length).toBeLessThan(1_000);
    }
  });

  test("neutral values of fields that are not supported are accepted", async () => {
    const { path, body } = ROUTES["openai-chat"] as Route;
    const neutral = {
      n: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      logit_bias: {},
      logprobs: false,
      top_k: -1,
      audio: null,
    };
    const unknown = {
      user: "u",
      metadata: {},
      service_tier: "auto",
      store: false,
      reasoning_effort: "low",
      whatever: 1,
    };
    const answer = await ask(worker, path, { ...body("Hello", 1, false), ...neutral, ...unknown });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("chat.completion")]);
  });
});
