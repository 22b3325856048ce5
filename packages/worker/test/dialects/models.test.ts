import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askJson, type Json } from "../support/dialects.js";
import { startSharedWorker, stub, type WorkerProcess } from "../support/worker-process.js";

let worker: WorkerProcess;
beforeAll(async () => {
  worker = await startSharedWorker(stub({ models: ["gpt-4o", "*"] }));
});
afterAll(() => worker.stop());

async function read(path: string, method = "GET") {
  const response = await fetch(worker.url + path, { method });
  const text = await response.text();
  return { status: response.status, text, body: (text === "" ? {} : JSON.parse(text)) as Json };
}

test("GET /v1/models lists the model and its other names", async () => {
  const { body } = await read("/v1/models");
  expect(body["object"]).toBe("list");
  expect((body["data"] as Json[]).map((model) => model["id"])).toEqual(["stub", "gpt-4o"]);
  expect((body["data"] as Json[])[0]).toMatchObject({ object: "model", owned_by: "worker-orcd", max_model_len: 16384 });
});

test("GET /v1/models/{model} describes one, also with a slash in its name", async () => {
  expect((await read("/v1/models/stub")).body).toMatchObject({ id: "stub", object: "model" });
  expect((await read("/v1/models/org/name")).body).toMatchObject({ id: "org/name" });
  expect((await read("/v1/models/%ff")).status).toBe(400);
});

test("GET /api/tags and /api/version are those of Ollama", async () => {
  const { models } = (await read("/api/tags")).body as { models: readonly Json[] };
  expect(models.map(({ name }) => name)).toEqual(["stub:latest", "gpt-4o:latest"]);
  expect(models[0]).toMatchObject({ model: "stub:latest", digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  expect((await read("/api/version")).body["version"]).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each(["/health", "/metrics", "/v1/models", "/api/tags"])("HEAD %s has the status and no body", async (path) => {
  expect(await read(path, "HEAD")).toMatchObject({ status: 200, text: "" });
});

test("a path that a dialect does not have is refused in its form", async () => {
  expect((await read("/v1/audio/speech")).body).toMatchObject({
    error: { code: "not_found", type: "invalid_request_error" },
  });
  expect((await read("/v1/messages/batches")).body).toMatchObject({
    type: "error",
    error: { type: "not_found_error" },
  });
  expect((await read("/api/pull")).body).toEqual({ error: "no such path: /api/pull" });
  expect((await read("/nowhere")).body).toMatchObject({ code: "NOT_FOUND" });
});

describe("POST /tokenize", () => {
  test("answers `content` as llama-server does", async () => {
    const { body } = await askJson(worker, "/tokenize", { content: "Hello world" });
    expect(Object.keys(body)).toEqual(["tokens"]);
    expect(body["tokens"]).toHaveLength(3);
  });

  test("answers `prompt` and `messages` as vLLM does, with the count that the usage reports", async () => {
    const messages = [{ role: "user", content: "Hello" }];
    const { body } = await askJson(worker, "/tokenize", { model: "stub", messages });
    const chat = await askJson(worker, "/v1/chat/completions", { model: "stub", messages, max_tokens: 1 });
    expect(body["count"]).toBe((chat.body["usage"] as Json)["prompt_tokens"]);
    expect(body).toMatchObject({ max_model_len: 16384, tokens: expect.any(Array) as unknown });
    expect((await askJson(worker, "/tokenize", { prompt: "12345" })).body["count"]).toBe(2);
  });

  test("refuses a body with nothing to tokenize", async () => {
    const { status, body } = await askJson(worker, "/tokenize", {});
    expect([status, body["error"]]).toEqual([400, expect.objectContaining({ param: "prompt" })]);
  });
});

describe("POST /v1/embeddings", () => {
  const embed = async (fields: Json) => askJson(worker, "/v1/embeddings", { model: "stub", input: "Hello", ...fields });
  const vectorOf = ({ body }: { body: Json }) =>
    (body["data"] as readonly { embedding: number[] }[])[0]?.embedding ?? [];

  test("gives vectors of length 1 that depend on nothing but the text", async () => {
    const [first, again, other] = [await embed({}), await embed({}), await embed({ input: "Other" })];
    expect(vectorOf(first)).toHaveLength(384);
    expect(Math.hypot(...vectorOf(first))).toBeCloseTo(1, 10);
    expect(vectorOf(again)).toEqual(vectorOf(first));
    expect(vectorOf(other)).not.toEqual(vectorOf(first));
  });

  test("takes several texts, dimensions and base64", async () => {
    const { body } = await embed({ input: ["a", "b"], dimensions: 3, encoding_format: "base64" });
    const data = body["data"] as readonly { index: number; embedding: string }[];
    expect(data.map(({ index }) => index)).toEqual([0, 1]);
    const plain = vectorOf(await embed({ input: "a", dimensions: 3 }));
    const bytes = Buffer.from(data[0]?.embedding ?? "", "base64");
    expect([0, 4, 8].map((at) => bytes.readFloatLE(at))).toEqual(plain.map(Math.fround));
    expect(body["usage"]).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  });

  test.each([
    [{ dimensions: 4_097 }, /`dimensions` must be at most 4096/],
    [{ dimensions: 0 }, /`dimensions` must be at least 1/],
    [{ input: [] }, /`input` must not be empty/],
    [{ input: Array(257).fill("a") }, /`input` must have at most 256 items/],
    [{ input: [1, 2] }, /`input\[0\]` must be a string/],
    [{ encoding_format: "hex" }, /`encoding_format` must be `float` or `base64`/],
  ])("refuses %j", async (fields, problem) => {
    const { status, body } = await embed(fields);
    expect([status, (body["error"] as Json)["message"]]).toEqual([400, expect.stringMatching(problem)]);
  });
});
