import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  assertAllOk,
  assertSuccessfulCompletion,
  collectSseEvents,
  isTestkitError,
  makeTestRequest,
  waitForIdle,
  WorkerClient,
  WorkerTestHarness,
  type TestkitError,
} from "inference-testkit";
import { runConformance } from "inference-testkit/conformance";
import { FaultProxy } from "inference-testkit/faults";
import { runLoad } from "inference-testkit/load";
import { describe, expect, test } from "vitest";
import { createTemporaryFolder, startCli } from "../packages/testkit/test/cli/run-cli.js";
import { inlineProgram } from "./support/foreign.js";
import { startGuardedServer } from "./support/guarded-server.js";

const KEY = "sk-guard-0123456789";
const HEADERS = { Authorization: `Bearer ${KEY}` };
const DIALECTS = ["orcd", "openai-chat", "openai-responses", "anthropic", "ollama"] as const;

async function failureOf(call: Promise<unknown>): Promise<TestkitError> {
  const error: unknown = await call.catch((cause: unknown) => cause);
  if (isTestkitError(error)) return error;
  throw new Error(`expected a TestkitError, got ${inspect(error)}`);
}

/** Everything that was written below a folder. */
function readAll(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1")).join("\n");
}

describe("a server that wants a key", () => {
  test.each(DIALECTS)("is asked for everything with the key, in the dialect %s", async (dialect) => {
    await using worker = await WorkerTestHarness.startMock({ parallel: 2, stub: { timing: { itlMs: 10 } } });
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    await using attached = await WorkerTestHarness.attach(server.url, { dialect, headers: HEADERS });

    assertAllOk(await attached.executeAll([1, 2, 3].map((index) => makeTestRequest(`job-${index}`, "Hello", 4))));
    await attached.disconnectAfter(makeTestRequest("left", "Hello", 1_000), { tokens: 2, how: "reset" });
    if (dialect === "orcd") {
      await waitForIdle(attached);
      await attached.cancel("job-1");
      await attached.metrics();
    }

    expect(server.refused).toEqual([]);
    expect(server.passed.length).toBeGreaterThan(4);
  });

  test("is recognized with the key, and through a proxy", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    await using attached = await WorkerTestHarness.attach(server.url, { headers: HEADERS });
    await using behind = await FaultProxy.inFrontOf(attached);
    await using proxy = await FaultProxy.inFrontOf(server.url, { headers: HEADERS });

    for (const target of [behind.worker, proxy.worker])
      assertSuccessfulCompletion(await collectSseEvents(await target.execute(makeTestRequest("job-1", "Hello", 3))));

    expect(attached.dialect.name).toBe("orcd");
    expect(server.refused).toEqual([]);
  });

  test.each([
    ["recognition", {}],
    ["the first question", { dialect: "orcd" }],
    ["the list of models", { dialect: "ollama" }],
  ] as const)("without the key, %s fails and says what to do", async (_, options) => {
    await using worker = await WorkerTestHarness.startMock();
    await using server = await startGuardedServer(worker.baseUrl, KEY);

    const error = await failureOf(WorkerTestHarness.attach(server.url, options));

    expect(error.code).toBe("HTTP_FAILED");
    expect(error.message).toContain("401");
    expect(error.hint).toContain("The server wants a key: pass `headers`");
  });

  test("a wrong key is named by its header, and its value is in no part of the error", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    const headers = { authorization: "Bearer sk-wrong-9876543210" };

    const attachError = await failureOf(WorkerTestHarness.attach(server.url, { headers }));
    const client = new WorkerClient({ baseUrl: server.url, headers });
    const response = await client.execute(makeTestRequest("job-1", "Hello", 3));
    const jobError = await failureOf(collectSseEvents(response));
    const healthError = await failureOf(client.health());
    await client.close();

    for (const error of [attachError, jobError, healthError]) {
      expect(error.hint).toContain("answers 401 although `authorization` was sent");
      expect(inspect(error)).not.toContain("sk-wrong");
    }
    expect(healthError.message).toContain("Incorrect API key provided: [redacted]");
  });

  test("the headers of a call replace those of the client", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    await using attached = await WorkerTestHarness.attach(server.url, { headers: HEADERS });

    const { status } = await attached.request("/health", { headers: { AUTHORIZATION: "Bearer none" } });

    expect(status).toBe(401);
  });
});

describe("load and conformance", () => {
  test.each([1, 2])("a load with %i client threads has the key, and its result does not", async (clientThreads) => {
    await using worker = await WorkerTestHarness.startMock({ parallel: 4 });
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    await using attached = await WorkerTestHarness.attach(server.url, { headers: HEADERS, dialect: "openai-chat" });

    const result = await runLoad(attached, {
      profile: { kind: "constant", ratePerSec: 50 },
      requests: (index) => makeTestRequest(`load-${index}`, "Hello", 3),
      stop: { count: 10 },
      clientThreads,
    });

    expect(result.records.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => "ok"));
    expect(server.refused).toEqual([]);
    expect(
      JSON.stringify(result, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toContain(KEY);
  });

  test("the checks have the key, except for the request of a web page, and the report does not", async () => {
    await using worker = await WorkerTestHarness.startMock({ parallel: 2, stub: { content: "instructions" } });
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    await using attached = await WorkerTestHarness.attach(server.url, { headers: HEADERS, dialect: "openai-chat" });
    const raw = ["disconnect.half-a-request", "disconnect.stalled-reader-blocks-nobody", "validation.large-body"];
    const only = ["stream", "security.*", "errors.*", ...raw];

    const report = await runConformance(attached, { only });

    expect(server.refused.toSorted()).toEqual(["OPTIONS /v1/chat/completions", "POST /v1/chat/completions"]);
    const checks = new Map(report.checks.map((check) => [check.id, check]));
    expect(checks.get("security.web-page-cannot-run-jobs")?.status).toBe("pass");
    const sent = report.checks.flatMap(({ exchanges }) => exchanges.map(({ requestHeaders }) => requestHeaders));
    expect(new Set(sent.map(({ authorization }) => authorization))).toEqual(new Set(["[redacted]", undefined]));
    const seen = report.checks.flatMap(({ exchanges }) => exchanges.map(({ headers }) => headers["x-seen"]));
    expect(seen).toContain("[redacted]"); // the server repeats the key
    expect(JSON.stringify(report)).not.toContain(KEY);
  });
});

test("a recording has the name of the header and not its value, even where the server repeats it", async () => {
  await using worker = await WorkerTestHarness.startMock();
  await using server = await startGuardedServer(worker.baseUrl, KEY);
  const folder = join(createTemporaryFolder(), "bundle");
  const attached = await WorkerTestHarness.attach(server.url, { headers: HEADERS, dialect: "openai-chat" });
  await attached.recordTo(folder);
  await collectSseEvents(await attached.execute(makeTestRequest("job-1", "Hello", 3)));
  const prompt = `my key is ${KEY}`; // the stub repeats nothing; the body of the request is recorded
  await collectSseEvents(await attached.execute(makeTestRequest("job-2", prompt, 3)));
  await attached.stop();

  const written = readAll(folder);
  expect(written).toContain('"authorization":"[redacted]"');
  expect(written).toContain("x-seen");
  expect(written).not.toContain(KEY);
});

describe("launch()", () => {
  /** Answers with 200 only to the key. */
  const program = (status: number) => {
    const source = `require("node:http").createServer((request, response) => {
      const isOpen = request.headers["x-api-key"] === "launch-key-42";
      response.writeHead(isOpen ? 200 : ${status}).end(isOpen ? '{"data":[{"id":"m"}]}' : "");
    }).listen(Number(process.argv[1]), "127.0.0.1")`;
    return inlineProgram(source, { args: ["-e", source, "{port}"], dialect: "openai-chat", readyTimeoutMs: 20_000 });
  };

  test("polls with the key, and restarts", async () => {
    await using worker = await WorkerTestHarness.launch({ ...program(401), headers: { "X-Api-Key": "launch-key-42" } });
    expect(worker.model).toBe("m");
    worker.kill("SIGKILL");
    await worker.restart();
    expect((await worker.request("/anything")).status).toBe(200);
  });

  test.each([401, 403])("fails at once if the ready path is answered with %i", async (status) => {
    const startedAtMs = performance.now();
    const error = await failureOf(WorkerTestHarness.launch(program(status)));

    expect(error.code).toBe("HTTP_FAILED");
    expect(error.message).toContain(`/health answered ${status}`);
    expect(error.hint).toContain("The server wants a key");
    expect(performance.now() - startedAtMs).toBeLessThan(19_000); // not after its time-out
  });
});

describe("--header", () => {
  test("`profile` and `check` read the key from the environment, and write it nowhere", async () => {
    await using worker = await WorkerTestHarness.startMock({ parallel: 2 });
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    const out = createTemporaryFolder();
    const header = ["--header", "Authorization: Bearer $GUARD_KEY"];
    const env = { GUARD_KEY: KEY };
    const target = ["--url", server.url, "--dialect", "openai-chat", ...header, "--json"];
    const profile = await startCli(
      ["profile", ...target, "--requests", "3", "--max-tokens", "3", "--out", join(out, "a")],
      { env },
    ).finished;
    const check = await startCli(["check", ...target, "--level", "smoke", "--out", join(out, "b")], { env }).finished;

    expect([0, 3], profile.stderr).toContain(profile.exitCode); // 3: the machine was too busy to measure
    expect(check.stdout).toContain('"kind": "conformance-report"');
    expect(server.refused).toEqual([]);
    for (const text of [profile.stdout, profile.stderr, check.stdout, check.stderr, readAll(out)])
      expect(text).not.toContain(KEY);
    expect(readAll(out)).toContain("[redacted]");
  });

  test("a key that is missing or wrong ends `check` with what to do", async () => {
    await using worker = await WorkerTestHarness.startMock();
    await using server = await startGuardedServer(worker.baseUrl, KEY);
    const { stderr, exitCode } = await startCli(["check", "--url", server.url]).finished;

    expect(exitCode).toBe(3);
    expect(stderr).toContain("--header 'Authorization: Bearer $API_KEY'");
  });
});
