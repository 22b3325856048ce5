import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { collectSseEvents, isTestkitError, makeTestRequest, WorkerClient, WorkerTestHarness } from "inference-testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { RECORDED } from "./support/recorded-dialects.js";
import { startRecordedServer } from "./support/recorded-server.js";

/** A server that answers GET with what is given, everything else with 404, and notes what it was asked. */
async function serve(answers: Readonly<Record<string, string>>, status = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = request.method === "GET" ? answers[request.url ?? ""] : undefined;
    response.writeHead(answer === undefined ? 404 : status, { "content-type": "application/json" });
    response.end(answer ?? "not found");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function attach(url: string, options: Parameters<typeof WorkerTestHarness.attach>[1] = {}) {
  const worker = await WorkerTestHarness.attach(url, options);
  onTestFinished(async () => {
    await worker.stop();
  });
  return worker;
}

async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  return isTestkitError(error) ? error : { code: "none", message: String(error) };
}

describe("attach() without a dialect", () => {
  test.each([
    ["openai-chat", "`/v1/models` lists models of `vllm`", ["openai-chat", "smollm2"]],
    ["anthropic", "`/props` is that of llama-server, whose model has a chat template", ["openai-chat", "smollm2"]],
    ["ollama", "`/api/tags` lists models, as Ollama does", ["ollama", "smollm2:latest"]],
    ["tgi", "`/info` is that of Text Generation Inference", ["tgi", "tiny"]],
  ])("a server like that of %s: %s", async (recorded, because, [dialect, model]) => {
    await using server = await startRecordedServer(RECORDED[recorded] as (typeof RECORDED)[string]);

    const worker = await attach(server.url);

    expect(worker.dialect.name).toBe(dialect);
    expect(worker.recognizedBy).toContain(because);
    expect(worker.model).toBe(model);
  });

  test("a llama-server whose model has no chat template is llama-cpp", async () => {
    const { url } = await serve({ "/props": '{"default_generation_settings":{},"chat_template":""}' });

    expect((await attach(url)).dialect.name).toBe("llama-cpp");
  });

  test("a worker of this project is known by the first answer", async () => {
    const { url, asked } = await serve({ "/health": '{"worker_id":"w1"}' });
    const worker = await attach(url);

    expect(worker.dialect.name).toBe("orcd");
    expect(worker.workerId).toBe("w1");
    expect(new Set(asked)).toEqual(new Set(["GET /health"]));
  });

  test("nothing fits: the error lists the questions and their answers", async () => {
    const { url } = await serve({ "/health": '{"status":"fine"}', "/v1/models": "<html>hello</html>" });
    const { code, message } = await errorOf(attach(url));

    expect(code).toBe("INVALID_RESPONSE");
    expect(message.replaceAll(url, "URL")).toContain(
      [
        "Nothing that URL answers shows what it speaks:",
        '  GET /health: 200 {"status":"fine"}',
        "  GET /info: 404 not found",
        "  GET /props: 404 not found",
        "  GET /api/tags: 404 not found",
        "  GET /v1/models: 200 <html>hello</html>",
      ].join("\n"),
    );
    expect(message).toContain('`dialect: "openai-chat"`');
  });

  test("no server at all gives no result", async () => {
    expect((await errorOf(attach("http://127.0.0.1:9"))).code).toBe("CONNECT_FAILED");
  });
});

describe("a server of another dialect than was said", () => {
  test.each([
    ["ollama", "orcd", '`/api/tags` lists models, as Ollama does. Try `dialect: "ollama"`'],
    ["openai-chat", "ollama", 'Try `dialect: "openai-chat"`'],
    ["tgi", "ollama", 'Try `dialect: "tgi"`'],
  ])("%s called %s: the first job that finds nothing says it", async (recorded, said, hint) => {
    await using server = await startRecordedServer(RECORDED[recorded] as (typeof RECORDED)[string]);
    // The client alone: attach() as a worker of this project would already miss its health.
    const client = new WorkerClient({ baseUrl: server.url, dialect: said as never });
    onTestFinished(() => client.close());
    const run = () =>
      client.execute(makeTestRequest("a", "Hi", 3, { seed: null })).then((answer) => collectSseEvents(answer));

    const first = await errorOf(run());
    const asked = server.asked.length;
    await errorOf(run());

    expect(first.code).toBe("HTTP_FAILED");
    expect(first.message).toContain(hint);
    expect(server.asked).toHaveLength(asked + 1); // the job alone
  });

  test("an unknown model of a request: the models that the server has", async () => {
    const { url } = await serve({ "/health": "", "/v1/models": '{"data":[{"id":"a"},{"id":"b"}]}' });
    const worker = await attach(url, { dialect: "openai-chat" });
    const request = { ...makeTestRequest("x", "Hi", 3), model: "nope" };

    const { message } = await errorOf(worker.execute(request).then((answer) => collectSseEvents(answer)));

    expect(message).toContain("The server has these models: a, b.");
  });
});

describe("the model", () => {
  const MODELS = { "/health": "", "/v1/models": '{"data":[{"id":"first"},{"id":"second"}]}' };

  test("the first one of the list is asked for once, and sent", async () => {
    await using server = await startRecordedServer({
      ...(RECORDED["openai-chat"] as (typeof RECORDED)[string]),
      answers: MODELS,
    });
    const worker = await attach(`${server.url}/v1/`, { dialect: "openai-chat" });

    for (const id of ["a", "b"]) await (await worker.execute(makeTestRequest(id, "Hi", 3))).text();

    expect(worker.model).toBe("first");
    expect(worker.baseUrl).toBe(server.url);
    expect(server.jobs.map(({ body }) => body["model"])).toEqual(["first", "first"]);
    expect(server.asked.filter((path) => path === "/v1/models")).toHaveLength(1);
  });

  test("one that the server does not have is rejected when attaching, one that it has is used", async () => {
    const { url } = await serve(MODELS);

    expect((await errorOf(attach(url, { dialect: "openai-chat", model: "third" }))).message).toContain(
      "Expected `model` to be one that the server has: first, second; got `third`",
    );
    expect((await attach(url, { dialect: "openai-chat", model: "second" })).model).toBe("second");
  });

  test("a server without a list gets the given one, unchecked, or none", async () => {
    await using server = await startRecordedServer({
      ...(RECORDED["openai-chat"] as (typeof RECORDED)[string]),
      answers: { "/health": "" },
    });
    const named = await attach(server.url, { dialect: "openai-chat", model: "mine" });
    const unnamed = await attach(server.url, { dialect: "openai-chat" });

    await (await named.execute(makeTestRequest("a", "Hi", 3))).text();
    await (await unnamed.execute(makeTestRequest("b", "Hi", 3))).text();

    expect(server.jobs.map(({ body }) => body["model"])).toEqual(["mine", undefined]);
  });

  test("a list that is a page, or a megabyte, does not stop anything", async () => {
    const huge = JSON.stringify({
      data: Array.from({ length: 50_000 }, (_, id) => ({ id: `model-${id}-${"x".repeat(30)}` })),
    });
    for (const list of ["<html>", "[]", '{"data":5}', huge]) {
      const { url } = await serve({ "/health": "", "/v1/models": list });
      expect((await attach(url, { dialect: "openai-chat" })).model, list.slice(0, 20)).toBeUndefined();
    }
  });
});
