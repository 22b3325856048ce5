import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isTestkitError, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { runLoad } from "inference-testkit/load";
import { expect, onTestFinished, test } from "vitest";
import { createTemporaryFolder, runCli } from "../packages/testkit/test/cli/run-cli.js";
import { RECORDED } from "./support/recorded-dialects.js";
import { startRecordedServer } from "./support/recorded-server.js";

async function serve(name: string) {
  const server = await startRecordedServer(RECORDED[name] as (typeof RECORDED)[string]);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

test.each([
  [
    "openai-chat",
    "dialect: openai-chat (`/v1/models` lists models of `vllm`, as OpenAI-compatible servers do); model: smollm2",
  ],
  ["ollama", "dialect: ollama (`/api/tags` lists models, as Ollama does); model: smollm2:latest"],
])(
  "profile --url with no other flag finds the dialect and the model of a server like that of %s",
  async (name, found) => {
    const server = await serve(name);
    const out = join(createTemporaryFolder(), "run");

    const args = ["profile", "--url", `${server.url}/v1`, "--requests", "5", "--out", out];
    const { stdout, stderr } = await runCli(args);

    expect(stderr).toContain(found);
    expect(stdout).toMatch(/^5 requests \(5 ok\)/m);
    const report = JSON.parse(readFileSync(join(out, "run.json"), "utf8")) as { load: { machine: { model: string } } };
    expect(report.load.machine.model).toBe(found.split("model: ")[1]);
  },
);

test("--dialect and --model set it; a dialect without seeds gets none", async () => {
  const server = await serve("anthropic");

  const args = ["profile", "--url", server.url, "--dialect", "anthropic", "--model", "smollm2", "--requests", "3"];
  const { stdout, stderr } = await runCli([...args, "--client-threads", "2", "--concurrency", "2"]);

  expect(stdout, stderr).toMatch(/^3 requests \(3 ok\)/m);
  expect(server.jobs.map(({ body }) => [body["model"], body["seed"]])).toEqual(Array(3).fill(["smollm2", undefined]));
});

test.each([
  [["--dialect", "openai"], "Expected `--dialect` to be one of orcd, openai-chat,"],
  [
    ["--dialect", "openai-chat", "--model", "nope"],
    "Expected `model` to be one that the server has: smollm2; got `nope`",
  ],
])("%j is refused", async (flags, message) => {
  const server = await serve("openai-chat");

  const { exitCode, stderr } = await runCli(["profile", "--url", server.url, "--requests", "1", ...flags]);

  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
  expect(server.jobs).toEqual([]);
});

test("a field that the dialect cannot carry is rejected by runs of many jobs, and nothing is sent", async () => {
  const server = await serve("anthropic");
  await using worker = await WorkerTestHarness.attach(server.url, { dialect: "anthropic" });
  const request = makeTestRequest("a", "Hi", 3, { seed: 7 });
  const load = { profile: { kind: "serial" }, requests: [request], stop: { count: 1 } } as const;

  for (const run of [worker.executeAll([request]), runLoad(worker, load), worker.execute(request)]) {
    const error: unknown = await Promise.resolve(run).catch((reason: unknown) => reason);
    expect(isTestkitError(error, "INVALID_OPTION")).toBe(true);
    expect((error as Error).message).toContain("the dialect `anthropic` cannot carry it");
  }
  expect(server.jobs).toEqual([]);
});
