import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  assertSuccessfulCompletion,
  collectSseEvents,
  collectStream,
  isTestkitError,
  makeTestRequest,
  WorkerTestHarness,
} from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { expect, test } from "vitest";
import { RECORDED } from "./support/recorded-dialects.js";
import { startRecordedServer } from "./support/recorded-server.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

/** A program that answers GET with the given texts, and a job with the stream. */
const PROGRAM = `
import { createServer } from "node:http";
const { answers, path, type, stream } = JSON.parse(process.argv[3]);
createServer((request, response) => {
  if (request.method === "POST" && request.url === path) return response.writeHead(200, { "content-type": type }).end(stream);
  const answer = answers[request.url];
  response.writeHead(answer === undefined ? 404 : 200).end(answer ?? "not found");
}).listen(Number(process.argv[2]), "127.0.0.1");
`;

async function launch(name: string, answers: Readonly<Record<string, string>>) {
  const folder = await createTemporaryFolder();
  const program = join(folder.path, "server.mjs");
  writeFileSync(program, PROGRAM);
  const { stream } = RECORDED[name] as (typeof RECORDED)[string];
  const served = {
    answers,
    path: stream.path,
    type: stream.headers["content-type"],
    stream: stream.content.toString(),
  };
  const args = [program, "{port}", JSON.stringify(served)];
  try {
    return await WorkerTestHarness.launch({
      command: process.execPath,
      args,
      ready: { kind: "http" },
      shutdownExitCodes: [143],
    });
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}

test.each([
  ["openai-chat", "openai-chat", "`/v1/models` lists models of `vllm`", "vllm"],
  ["tgi", "tgi", "`/info` is that of Text Generation Inference", undefined],
])("launch() without a dialect asks a server like that of %s, once it is ready", async (name, ...expected) => {
  await using worker = await launch(name, (RECORDED[name] as (typeof RECORDED)[string]).answers);

  const [dialect, because, program] = expected;
  expect(worker.dialect.name).toBe(dialect);
  expect(worker.recognizedBy).toContain(because);
  expect(worker.server).toBe(program);
  assertSuccessfulCompletion(await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hi", 8))));
});

test("launch() of a server that nothing shows: the first job that finds nothing lists its answers", async () => {
  await using worker = await launch("openai-chat", { "/health": "fine" });
  const run = worker.execute(makeTestRequest("a", "Hi", 3)).then((answer) => collectSseEvents(answer));
  const error: unknown = await run.catch((reason: unknown) => reason);

  expect(worker.dialect.name).toBe("orcd");
  expect(worker.recognizedBy).toBeUndefined();
  expect(isTestkitError(error, "HTTP_FAILED"), String(error)).toBe(true);
  expect((error as Error).message).toContain("GET /health: 200 fine; GET /info: 404 not found");
  expect((error as Error).message).toContain('`dialect: "openai-chat"`');
});

test("a proxy in front of an address asks the server itself, and forwards its jobs", async () => {
  await using server = await startRecordedServer(RECORDED["openai-chat"] as (typeof RECORDED)[string]);
  await using proxy = await FaultProxy.inFrontOf(server.url, {
    faults: [{ id: "rst", at: { afterTokens: 1 }, match: { jobId: "b" } }],
  });

  expect(proxy.worker.dialect.name).toBe("openai-chat");
  const paths = proxy.journal.entries.map((entry) => ("path" in entry ? entry.path : undefined));
  expect(paths).not.toContain("/props");
  assertSuccessfulCompletion(await collectSseEvents(await proxy.worker.execute(makeTestRequest("a", "Hi", 8))));
  const { outcome } = await collectStream(await proxy.worker.execute(makeTestRequest("b", "Hi", 8)));
  expect(outcome.status).toBe("transport-error");
});

test("a proxy in front of something that nothing shows: the error lists the answers", async () => {
  const recorded = RECORDED["openai-chat"] as (typeof RECORDED)[string];
  await using server = await startRecordedServer({ ...recorded, answers: {} });
  const error: unknown = await FaultProxy.inFrontOf(server.url).catch((reason: unknown) => reason);

  expect(isTestkitError(error, "INVALID_RESPONSE"), String(error)).toBe(true);
  expect((error as Error).message).toContain("GET /v1/models: 404");
});
