import {
  assertAllOk,
  assertCancelled,
  assertStopReason,
  assertSuccessfulCompletion,
  cancelAfter,
  collectStream,
  extractText,
  makeTestRequest,
  waitForIdle,
  WorkerTestHarness,
  type ExecuteRequest,
  type MockWorkerOptions,
} from "inference-testkit";
import { runLoad } from "inference-testkit/load";
import { describe, expect, onTestFinished, test } from "vitest";

/** Both sides are of this project: what one of them gets wrong alone, the other one shows. */
const DIALECTS = ["openai-chat", "openai-completions", "openai-responses", "anthropic", "ollama"] as const;
type Name = (typeof DIALECTS)[number];
const NO_SEED: readonly Name[] = ["openai-responses", "anthropic"];
/** Those that say which of the two ends it was. */
const EXACT: readonly Name[] = ["openai-chat", "openai-completions", "anthropic"];

async function start(dialect: Name, stub: MockWorkerOptions["stub"] = {}) {
  const own = await WorkerTestHarness.startMock({ parallel: 2, stub });
  const worker = await WorkerTestHarness.attach(own.baseUrl, { dialect });
  onTestFinished(async () => {
    await worker.stop();
    await own.stop();
  });
  return { own, worker };
}

function requestOf(
  dialect: Name,
  jobId: string,
  overrides: Parameters<typeof makeTestRequest>[3] = {},
): ExecuteRequest {
  return makeTestRequest(jobId, "Hello there", 8, { ...(NO_SEED.includes(dialect) && { seed: null }), ...overrides });
}

describe.each(DIALECTS)("worker-orcd through %s", (dialect) => {
  test("a job, streamed and in one piece", async () => {
    const { worker } = await start(dialect);
    const request = requestOf(dialect, "job-1");

    const stream = await collectStream(await worker.execute(request));
    const whole = await collectStream(await worker.execute({ ...request, extraBody: { stream: false } }));

    assertSuccessfulCompletion(stream);
    assertStopReason(stream, "max_tokens");
    expect(stream.terminal).toMatchObject({ tokens_out: 8 });
    expect(extractText(whole)).toBe(extractText(stream));
    expect(whole.terminal).toMatchObject({ tokens_out: 8, stop_reason: "max_tokens" });
  });

  test("a cancelled job is known by its id, and its slot is free again", async () => {
    const { own, worker } = await start(dialect, { timing: { itlMs: 5 } });

    const request = { ...requestOf(dialect, "long"), max_tokens: 2000 };
    assertCancelled(await cancelAfter(await worker.execute(request), { tokens: 3 }));
    await waitForIdle(dialect === "ollama" ? own : worker);

    const { jobs } = await own.journal("long");
    expect(jobs).toHaveLength(1);
  });

  test("many jobs at once, and load", async () => {
    const { worker } = await start(dialect);
    const jobs = Array.from({ length: 20 }, (_, index) => requestOf(dialect, `job-${index}`));

    assertAllOk(await worker.executeAll(jobs));
    const { records } = await runLoad(worker, { profile: { kind: "serial" }, requests: jobs, stop: { count: 5 } });

    expect(records.map(({ status, tokensOut }) => [status, tokensOut])).toEqual(Array(5).fill(["ok", 8]));
  });

  test("a job that fails in mid-stream is an error of the worker", async () => {
    const { own, worker } = await start(dialect);
    await own.faults.arm([{ id: "inference-failed", at: { afterTokens: 2 } }]);

    const [outcome] = await worker.executeAll([requestOf(dialect, "job-1")]);

    expect(outcome?.status).toBe("worker-error");
  });

  test("a frame that is not JSON is an invalid event", async () => {
    const { own, worker } = await start(dialect);
    await own.faults.arm([{ id: "truncated-json", at: { afterTokens: 2 } }]);
    const { outcome } = await collectStream(await worker.execute(requestOf(dialect, "job-1")));

    expect(outcome.status).toBe("invalid-event");
  });

  test("an unknown model is rejected, with the list of available ones", async () => {
    const { worker } = await start(dialect);
    const request = { ...requestOf(dialect, "job-1"), model: "nope" };

    await expect(worker.execute(request).then((response) => collectStream(response))).rejects.toThrow(
      /The server has these models: stub/,
    );
  });
});

test.each(DIALECTS.filter((name) => name !== "openai-responses"))(
  "a stop sequence through %s, as exactly as the dialect reports it",
  async (dialect) => {
    const { worker } = await start(dialect, { content: { script: ["one", " two", " three", " four"] } });

    const stream = await collectStream(await worker.execute(requestOf(dialect, "job-1", { stop: [" three"] })));

    expect(extractText(stream)).toBe("one two");
    assertStopReason(stream, "stop");
    if (EXACT.includes(dialect)) assertStopReason(stream, "stop_sequence", { sequence: " three" });
  },
);

test.each(DIALECTS)("reasoning and the call of a tool through %s", async (dialect) => {
  const { worker } = await start(dialect, {
    replies: [{ reasoning: "Hm, ", text: "I look.", toolCalls: [{ name: "weather", arguments: { city: "Paris" } }] }],
  });

  const { prompt, ...request } = requestOf(dialect, "job-1");
  // Of Ollama's two paths, only that for messages has calls.
  const asked = dialect === "openai-completions" ? { prompt } : { messages: [{ role: "user", content: prompt }] };
  const stream = await collectStream(await worker.execute({ ...request, ...asked, max_tokens: 100 }));

  expect(extractText(stream)).toBe("I look.");
  if (dialect === "openai-completions") return; // it has no place for the rest
  expect(extractText(stream, { channel: "reasoning" })).toBe("Hm, ");
  const calls = stream.events.filter((event) => event.type === "tool_call");
  expect(calls.find(({ name }) => name !== undefined)?.name).toBe("weather");
  expect(JSON.parse(calls.map((call) => call.arguments ?? "").join(""))).toEqual({ city: "Paris" });
  assertStopReason(stream, "tool_calls");
});

describe("executeAll() and runLoad() compare every answer with its request", () => {
  const script = ["one", " two", " three", " four", " five", " six", " seven", " eight", " nine"];
  const cases = DIALECTS.flatMap((dialect) => [
    { dialect, mutant: "length.one-too-many", fields: ["max_tokens"], asked: {} },
    // The Responses API has no stop sequences.
    ...(dialect === "openai-responses"
      ? []
      : [{ dialect, mutant: "stop.ignored", fields: ["stop"], asked: { stop: [" three"] } }]),
  ]);

  test.each(cases)("$mutant through $dialect", async ({ dialect, mutant, fields, asked }) => {
    const { worker } = await start(dialect, { content: { script }, mutants: [mutant as never] });
    const request = requestOf(dialect, "job-1", asked);

    const outcomes = await worker.executeAll([request, { ...request, job_id: "job-2", extraBody: { stream: false } }]);
    const { records } = await runLoad(worker, { profile: { kind: "serial" }, requests: [request], stop: { count: 2 } });

    expect(outcomes).toMatchObject(Array(2).fill({ status: "not-as-requested", fields }));
    expect(records).toMatchObject(Array(2).fill({ status: "not-as-requested", code: fields.join() }));
  });

  test("a seed that worker-orcd replaces is not the one in `started`", async () => {
    await using worker = await WorkerTestHarness.startMock({ stub: { mutants: ["sampling.draws-its-own-seed"] } });

    const [outcome] = await worker.executeAll([makeTestRequest("job-1", "Hello", 8, { seed: 2n ** 64n - 1n })]);

    expect(outcome).toMatchObject({ status: "not-as-requested", fields: ["seed"] });
    expect(outcome).toHaveProperty("message", expect.stringMatching(/^`seed` is 18446744073709551615, but/));
  });
});
