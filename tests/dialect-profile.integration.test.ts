import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isTestkitError, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { runLoad } from "inference-testkit/load";
import { parseRunReport } from "inference-testkit/report";
import { describe, expect, onTestFinished, test } from "vitest";
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

describe("ignore_eos", () => {
  const run = async (url: string, ...flags: string[]) => {
    const out = createTemporaryFolder();
    const args = ["profile", "--url", url, "--no-memory", "--requests", "2", "--out", out, ...flags];
    const { stdout, stderr } = await runCli(args);
    const { requests } = parseRunReport(readFileSync(join(out, "run.json"), "utf8"));
    return { stdout, stderr, requests, summary: readFileSync(join(out, "summary.md"), "utf8") };
  };

  test.each([
    ["openai-chat", [], "vllm"],
    ["openai-chat", ["--dialect", "openai-chat"], "vllm"],
    ["openai-completions", ["--dialect", "openai-completions"], "vllm"],
    ["llama-cpp", ["--dialect", "llama-cpp"], "llama-server"],
  ])("a server like that of %s, %j: it is sent, and the report says so", async (name, flags, program) => {
    const server = await serve(name);
    const { stdout, stderr, requests, summary } = await run(server.url, ...flags);

    expect(
      server.jobs.map(({ body }) => body["ignore_eos"]),
      stderr,
    ).toEqual([true, true]);
    expect(requests).toMatchObject({
      ignoreEos: { sent: true, reason: `the server is ${program}, which takes it` },
      ...{ maxTokens: 32, okCount: 2, fullLengthCount: 0 },
    });
    const said = "2 of 2 answers have other than 32 tokens; `ignore_eos` was sent: the server is";
    expect(stdout).toContain(said);
    expect(summary.replaceAll("\\", "")).toContain(said);
  });

  test("every answer has the length that was asked for", async () => {
    const server = await serve("openai-chat");
    const tokens = await run(server.url).then(({ requests }) => requests?.okCount);
    const lengths = await Promise.all([4, 8, 12, 16].map((length) => run(server.url, "--max-tokens", String(length))));

    expect(tokens).toBe(2);
    const full = lengths.filter(({ requests }) => requests?.fullLengthCount === 2);
    expect(full).toHaveLength(1); // the recorded answer has one length
    expect(full[0]?.stdout).toMatch(/every answer has \d+ tokens; `ignore_eos` was sent/);
  });

  test.each([
    ["openai-chat", ["--ignore-eos", "never"], "not sent: `--ignore-eos never`"],
    ["anthropic", ["--dialect", "anthropic"], "not sent: the dialect `anthropic` has no such field"],
    ["ollama", [], "not sent: the dialect `ollama` has no such field"],
  ])("%s with %j: it is not sent", async (name, flags, said) => {
    const server = await serve(name);
    const { stdout, stderr } = await run(server.url, ...flags);

    expect(stdout, stderr).toContain(`\`ignore_eos\` was ${said}`);
    expect(server.jobs.map(({ body }) => body["ignore_eos"])).toEqual([undefined, undefined]);
  });

  test("a strict endpoint gets no field that OpenAI's API does not have, unless it is asked for", async () => {
    const recorded = RECORDED["openai-chat"] as (typeof RECORDED)[string];
    const models = '{"object":"list","data":[{"id":"gpt","object":"model","owned_by":"system"}]}';
    const server = await startRecordedServer({ ...recorded, answers: { "/v1/models": models } });
    onTestFinished(() => server[Symbol.asyncDispose]());
    const names = () => new Set(server.jobs.flatMap(({ body }) => Object.keys(body)));

    const { stdout, stderr } = await run(server.url);
    const standard = ["model", "messages", "max_tokens", "temperature", "top_p", "seed", "stream", "stream_options"];
    expect([...names()].sort(), stderr).toEqual(standard.sort());
    expect(stdout).toContain(
      "was not sent: the server is not known to take it; `--ignore-eos always` sends it nevertheless",
    );

    await run(server.url, "--ignore-eos", "always");
    expect(server.jobs.at(-1)?.body["ignore_eos"]).toBe(true);
  });
});
