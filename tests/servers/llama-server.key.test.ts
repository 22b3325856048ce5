import {
  assertSuccessfulCompletion,
  collectSseEvents,
  makeTestRequest,
  waitForIdle,
  WorkerTestHarness,
} from "inference-testkit";
import { runConformance } from "inference-testkit/conformance";
import { runLoad } from "inference-testkit/load";
import { expect, test } from "vitest";
import { rejectionOf } from "../support/conditions.js";
import { llamaServer, missingLlamaServer } from "../support/llama-server.js";

const KEY = "sk-llama-0123456789";
const headers = { authorization: `Bearer ${KEY}` };
const TIMEOUT_MS = 120_000;

if (missingLlamaServer !== undefined) test("llama-server with a key", (context) => context.skip(missingLlamaServer));
const realTest = test.skipIf(missingLlamaServer !== undefined);

function guarded(dialect: "openai-chat" | "llama-cpp" | "anthropic") {
  const options = llamaServer(dialect);
  return { ...options, args: [...(options.args ?? []), "--api-key", KEY] };
}

realTest.each(["openai-chat", "llama-cpp", "anthropic"] as const)(
  "--api-key: jobs, slots and metrics with the key in the dialect %s",
  { timeout: TIMEOUT_MS },
  async (dialect) => {
    await using server = await WorkerTestHarness.launch({ ...guarded(dialect), headers });

    assertSuccessfulCompletion(
      await collectSseEvents(await server.execute(makeTestRequest("job-1", "Hello", 5, { seed: null }))),
    );
    await server.disconnectAfter(makeTestRequest("job-2", "Hello", 500, { seed: null }), { tokens: 2, how: "close" });
    await waitForIdle(server);
    expect((await server.metrics()).samples.length).toBeGreaterThan(0);
  },
);

realTest("--api-key: recognition, a load with two threads, and checks", { timeout: TIMEOUT_MS }, async () => {
  await using server = await WorkerTestHarness.launch({ ...guarded("openai-chat"), headers });
  await using attached = await WorkerTestHarness.attach(server.baseUrl, { headers });
  const result = await runLoad(attached, {
    profile: { kind: "constant", ratePerSec: 5 },
    requests: (index) => makeTestRequest(`load-${index}`, "Hello", 2),
    stop: { count: 4 },
    clientThreads: 2,
  });
  const report = await runConformance(attached, { only: ["stream.*"] });

  expect(attached.server).toBe("llama-server");
  expect(result.records.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok"]);
  expect(report.checks.filter(({ status }) => status === "pass").length).toBeGreaterThan(3);
  expect(JSON.stringify(report)).not.toContain(KEY);
});

// Its /health and /v1/models are open: it is started and recognized without the key.
realTest("--api-key: without the key, the first job says what to do", { timeout: TIMEOUT_MS }, async () => {
  await using server = await WorkerTestHarness.launch(guarded("openai-chat"));
  await using unkeyed = await WorkerTestHarness.attach(server.baseUrl);
  const wrong = { authorization: "Bearer sk-other-9876543210" };
  await using mistaken = await WorkerTestHarness.attach(server.baseUrl, { headers: wrong });
  const refusalBy = (worker: WorkerTestHarness) =>
    rejectionOf(worker.execute(makeTestRequest("job-1", "Hello", 5)).then(collectSseEvents));

  for (const worker of [server, unkeyed]) {
    const { message } = await refusalBy(worker);
    expect(message).toContain("[HTTP_FAILED]");
    expect(message).toContain("The server wants a key");
    expect(message).not.toContain("sk-llama");
  }
  const { message } = await refusalBy(mistaken);
  expect(message).toContain("although `authorization` was sent");
  expect(message).not.toContain("sk-other");
});
