import { describe, expect, test } from "vitest";
import { parseJson } from "inference-worker-protocol";
import { resolveOptions } from "../../src/options/index.js";
import { dialectOption } from "../../src/dialects/index.js";
import { makeTestRequest } from "../../src/requests/index.js";
import { dialectOf } from "./support.js";

const REQUEST = makeTestRequest("job 1/é", "Hello", 5, { stop: ["\n"] });
const MODEL = { model: "tiny" };
const ALL = ["openai-chat", "openai-completions", "openai-responses", "anthropic", "llama-cpp", "ollama", "tgi"];

function bodyOf(name: string, request: object, context = MODEL): unknown {
  return parseJson(dialectOf(name).encodeRequest(request as never, context).body);
}

function refusalOf(name: string, request: object): string {
  try {
    dialectOf(name).encodeRequest(request as never, MODEL);
  } catch (error) {
    return (error as Error).message;
  }
  return "not refused";
}

describe("the body of a request", () => {
  test.each([
    [
      "openai-completions",
      "/v1/completions",
      {
        prompt: "Hello",
        model: "tiny",
        max_tokens: 5,
        temperature: 0.7,
        top_p: 1,
        top_k: 0,
        min_p: 0,
        seed: 42,
        stop: ["\n"],
        stream: true,
        stream_options: { include_usage: true },
      },
    ],
    [
      "openai-chat",
      "/v1/chat/completions",
      {
        messages: [{ role: "user", content: "Hello" }],
        model: "tiny",
        max_tokens: 5,
        temperature: 0.7,
        top_p: 1,
        top_k: 0,
        min_p: 0,
        seed: 42,
        stop: ["\n"],
        stream: true,
        stream_options: { include_usage: true },
      },
    ],
    [
      "llama-cpp",
      "/completion",
      {
        prompt: "Hello",
        n_predict: 5,
        temperature: 0.7,
        top_p: 1,
        top_k: 0,
        min_p: 0,
        repeat_penalty: 1,
        seed: 42,
        stop: ["\n"],
        stream: true,
      },
    ],
    [
      "ollama",
      "/api/generate",
      {
        model: "tiny",
        prompt: "Hello",
        options: {
          num_predict: 5,
          temperature: 0.7,
          top_p: 1,
          top_k: 0,
          min_p: 0,
          repeat_penalty: 1,
          seed: 42,
          stop: ["\n"],
        },
        stream: true,
      },
    ],
    [
      "tgi",
      "/generate_stream",
      {
        inputs: "Hello",
        parameters: { max_new_tokens: 5, do_sample: true, temperature: 0.7, seed: 42, stop: ["\n"], details: true },
      },
    ],
  ])("%s", (name, path, body) => {
    expect(dialectOf(name).encodeRequest(REQUEST, MODEL).path).toBe(path);
    expect(bodyOf(name, REQUEST)).toEqual(body);
  });

  test("anthropic has no seed, and always has `max_tokens` and a version", () => {
    const { headers } = dialectOf("anthropic").encodeRequest({ ...REQUEST, seed: null }, MODEL);

    expect(headers["anthropic-version"]).toBe("2023-06-01");
    expect(bodyOf("anthropic", { prompt: "Hello", stop: ["\n"], temperature: 0.5 })).toEqual({
      model: "tiny",
      messages: [{ role: "user", content: "Hello" }],
      max_tokens: 2048,
      temperature: 0.5,
      top_p: 1,
      top_k: 0,
      stop_sequences: ["\n"],
      stream: true,
    });
  });

  test("openai-responses has an input", () => {
    expect(bodyOf("openai-responses", { prompt: "Hello", max_tokens: 5, temperature: 0 })).toEqual({
      model: "tiny",
      input: "Hello",
      max_output_tokens: 5,
      temperature: 0,
      top_p: 1,
      stream: true,
    });
  });

  test.each(["openai-chat", "anthropic", "openai-responses", "ollama"])("%s takes messages", (name) => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello" },
    ];
    const { messages: sent, input } = bodyOf(name, { messages }) as Record<string, unknown>;

    expect(sent ?? input).toEqual(messages);
    expect(dialectOf("ollama").encodeRequest({ messages }, MODEL).path).toBe("/api/chat");
  });

  test.each(ALL)("of %s carries the job id in a header, whatever its characters", (name) => {
    const dialect = dialectOf(name);
    const { headers } = dialect.encodeRequest({ ...REQUEST, seed: null, stop: [] }, MODEL);

    expect(Object.values(headers).join()).toMatch(/^[\x20-\x7e]+$/);
    expect(dialect.findJobId?.({}, headers)).toBe("job 1/é");
    expect(dialect.findJobId?.({}, {})).toBeUndefined();
  });

  test("the request's own model goes before that of the worker, and no model is no field", () => {
    expect(bodyOf("openai-chat", { prompt: "Hi", model: "other" })).toMatchObject({ model: "other" });
    expect(bodyOf("openai-chat", { prompt: "Hi" }, {} as never)).not.toHaveProperty("model");
  });

  test("`null` leaves a parameter out; without one the sampling of all servers is the same", () => {
    const given = { prompt: "Hi", temperature: null, top_p: null, top_k: null, min_p: null };

    expect(Object.keys(bodyOf("openai-completions", given) as object)).toEqual([
      "prompt",
      "model",
      "stream",
      "stream_options",
    ]);
    expect(bodyOf("llama-cpp", { prompt: "Hi" })).toMatchObject({ temperature: 1, top_p: 1, top_k: 0, min_p: 0 });
  });

  test("`extraBody` goes last; asking for one piece also leaves out what belongs to streams", () => {
    const extraBody = { stream: false, ignore_eos: true, top_k: 40 };
    const body = bodyOf("openai-chat", { prompt: "Hi", extraBody });

    expect(body).toMatchObject({ stream: false, ignore_eos: true, top_k: 40 });
    expect(body).not.toHaveProperty("stream_options");
    expect(bodyOf("ollama", { prompt: "Hi", extraBody: { options: { num_ctx: 512 }, keep_alive: 0 } })).toMatchObject({
      options: { num_ctx: 512, temperature: 1 },
      keep_alive: 0,
    });
    expect(dialectOf("tgi").encodeRequest({ prompt: "Hi", extraBody: { stream: false } }, MODEL).path).toBe(
      "/generate",
    );
  });

  test("orcd takes `extraBody`, too, and does not send the word", () => {
    expect(bodyOf("orcd", { job_id: "a", prompt: "Hi", extraBody: { debug: 1 } })).toEqual({
      job_id: "a",
      prompt: "Hi",
      debug: 1,
    });
  });

  test("a u64 seed survives where the server takes it; both names of the repetition penalty are sent", () => {
    expect(bodyOf("ollama", { prompt: "Hi", seed: 2n ** 63n - 1n })).toMatchObject({
      options: { seed: 2n ** 63n - 1n },
    });
    expect(bodyOf("openai-chat", { prompt: "Hi", repetition_penalty: 1.2 })).toMatchObject({
      repetition_penalty: 1.2,
      repeat_penalty: 1.2,
    });
  });

  test("wrong values are passed on: a test may want to see the refusal", () => {
    expect(bodyOf("openai-chat", { prompt: 5, max_tokens: "many", temperature: -5 })).toMatchObject({
      messages: [{ role: "user", content: 5 }],
      max_tokens: "many",
      temperature: -5,
    });
  });
});

describe("a field that a dialect cannot carry is refused by name", () => {
  test.each([
    ["anthropic", { seed: 42 }, "`request.seed` to be `null`: the dialect `anthropic` cannot carry it, got `42`"],
    ["anthropic", { min_p: 0.1 }, "`request.min_p` to be `0`"],
    ["openai-responses", { stop: ["x"] }, "`request.stop` to be `[]`"],
    ["openai-responses", { top_k: 5 }, "`request.top_k` to be `0`"],
    ["tgi", { min_p: 0.5 }, "`request.min_p` to be `0`"],
    ["llama-cpp", { messages: [] }, "`request.messages` to be left out"],
    ["openai-completions", { messages: [] }, "Send a `prompt`, or use the dialect `openai-chat`."],
    ["openai-chat", { prompt: "a", messages: [] }, "`prompt` or `messages`, not both"],
    ["openai-chat", { tools: [] }, "does not know the field `tools`"],
    ["openai-chat", { maxTokens: 5 }, "did you mean `max_tokens`?"],
    ["openai-chat", { extraBody: { n: 2 } }, "`request.extraBody.n` to be 1"],
    ["openai-chat", { extraBody: 5 }, "`request.extraBody` to be an object"],
  ])("%s %j", (name, request, message) => {
    expect(refusalOf(name, request)).toContain(message);
  });

  test.each(["openai-chat", "openai-completions", "ollama", "tgi"])("%s: a seed above int64", (name) => {
    expect(refusalOf(name, { prompt: "Hi", seed: 2n ** 63n })).toContain(
      "`request.seed` to be at most 9223372036854775807",
    );
    expect(refusalOf(name, { prompt: "Hi", seed: 2n ** 63n - 1n })).toBe("not refused");
  });

  test("llama-cpp: a seed that llama-server would cut to 32 bits, or take for any", () => {
    for (const seed of [2 ** 32, 2 ** 32 - 1, 2n ** 64n - 1n]) {
      expect(refusalOf("llama-cpp", { prompt: "Hi", seed })).toContain("`request.seed` to be at most 4294967294");
    }
    expect(refusalOf("llama-cpp", { prompt: "Hi", seed: 2 ** 32 - 2 })).toBe("not refused");
  });

  test.each(ALL)("%s: neutral values are not refused", (name) => {
    const neutral = { prompt: "Hi", seed: null, top_p: 1, top_k: 0, min_p: 0, repetition_penalty: 1, stop: [] };

    expect(refusalOf(name, neutral)).toBe("not refused");
  });
});

describe("the option `dialect`", () => {
  const read = (dialect: unknown) =>
    resolveOptions({ dialect: dialectOption() }, { dialect: dialect as never }).dialect;

  test.each([...ALL, "orcd"])("takes the name %s", (name) => {
    expect(read(name)).toBe(dialectOf(name));
  });

  test("an unknown name: the list, and the nearest one", () => {
    expect(() => read("openai")).toThrow(
      /one of orcd, openai-chat, .*tgi, or an object .* \(did you mean `openai-chat`\?\), got `"openai"`/,
    );
    expect(() => read("constructor")).toThrow("one of orcd");
    expect(() => read({ name: "half" })).toThrow("an object with `encodeRequest` and `createDecoder`");
  });
});
