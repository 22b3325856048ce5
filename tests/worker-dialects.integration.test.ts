import {
  assertAllOk,
  collectSseEvents,
  collectStream,
  extractText,
  extractTokens,
  makeTestRequest,
  WorkerTestHarness,
  type ExecuteRequest,
} from "inference-testkit";
import { describe, expect, onTestFinished, test } from "vitest";

/** Every dialect of the framework that the worker speaks. */
const DIALECTS = ["openai-chat", "openai-completions", "openai-responses", "anthropic", "ollama"] as const;
type DialectName = (typeof DIALECTS)[number];

type Stub = NonNullable<Parameters<typeof WorkerTestHarness.startMock>[0]>["stub"];

/** A stub worker, and a harness that speaks a dialect with it. */
async function startBoth(dialect: DialectName, stub: Stub = { content: "counter" }) {
  const worker = await WorkerTestHarness.startMock({ stub, parallel: 4 });
  const client = await WorkerTestHarness.attach(worker.baseUrl, { dialect });
  onTestFinished(async () => {
    await client.stop();
    await worker.stop();
  });
  return { worker, client };
}

/** Some dialects have no seed. */
function requestOf(jobId: string, maxTokens: number): ExecuteRequest {
  return makeTestRequest(jobId, "Hello", maxTokens, { seed: null });
}

describe.each(DIALECTS)("%s: the framework and worker-orcd understand each other", (dialect) => {
  test("a job is complete: its text, its count, why it ended", async () => {
    const { client } = await startBoth(dialect);
    const events = await collectSseEvents(await client.execute(requestOf("job-1", 5)));
    expect(extractText(events)).toBe("0 1 2 3 4 ");
    expect(events.at(-1)).toMatchObject({ type: "end", tokens_out: 5, stop_reason: "max_tokens" });
  });

  test("many jobs at once", async () => {
    const { client } = await startBoth(dialect);
    const requests = Array.from({ length: 20 }, (_, index) => requestOf(`job-${index}`, 5));
    const outcomes = await client.executeAll(requests);
    assertAllOk(outcomes);
    expect(outcomes).toHaveLength(20);
  });

  test("an engine that fails after two tokens is a worker-error with its two tokens", async () => {
    const { worker, client } = await startBoth(dialect);
    await worker.faults.arm([{ id: "inference-failed", at: { afterTokens: 2 }, match: { jobId: "job-1" } }]);
    const { outcome, events } = await collectStream(await client.execute(requestOf("job-1", 5)));
    expect(outcome.status).toBe("worker-error");
    expect(extractTokens(events)).toEqual(["0 ", "1 "]);
  });

  test("a frame that is not JSON is an invalid event", async () => {
    const { worker, client } = await startBoth(dialect);
    await worker.faults.arm([{ id: "truncated-json", at: { afterTokens: 2 } }]);
    const { outcome } = await collectStream(await client.execute(requestOf("job-1", 5)));
    expect(outcome.status).toBe("invalid-event");
  });
});

test("reasoning and calls of tools arrive as the same events in every dialect that has them", async () => {
  const reply = {
    reasoning: "Hm.",
    text: "Look:",
    toolCalls: [{ id: "c", name: "weather", arguments: { city: "Paris" } }],
  };
  for (const dialect of ["openai-chat", "openai-responses", "anthropic"] as const) {
    const { client } = await startBoth(dialect, { replies: [reply] });
    const events = await collectSseEvents(await client.execute(requestOf("job-1", 50)));
    const calls = events.filter((event) => event.type === "tool_call");
    const reasoning = events.filter((event) => event.type === "token" && event.channel === "reasoning");
    expect([
      dialect,
      reasoning.length,
      calls.map((call) => call.name ?? "").join(""),
      calls.map((call) => call.arguments ?? "").join(""),
    ]).toEqual([dialect, 1, "weather", '{"city":"Paris"}']);
  }
});
