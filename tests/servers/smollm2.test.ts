import { expect, test } from "vitest";
import {
  assertAllOk,
  assertCancelled,
  assertStopReason,
  cancelAfter,
  TestModel,
  waitForIdle,
  type WorkerTestHarness,
} from "inference-testkit";
import { assertNoLeak } from "inference-testkit/memory";
import { realEngine, startLlama, useWorker } from "../support/engines.js";
import { complete, makeRequest, makeRequests } from "../support/jobs.js";

/** Real text: what the synthetic model cannot show. */
const skipReason = realEngine.missing;
const realTest = skipReason === undefined ? test : test.skip;
if (skipReason !== undefined) test("SmolLM2 on worker-orcd", (context) => context.skip(skipReason));

const model = TestModel.smolLm2();
const worker = useRealWorker({ parallel: 4, contextSize: 4096 });

function useRealWorker(options: Parameters<typeof startLlama>[1]): () => WorkerTestHarness {
  return skipReason === undefined ? useWorker(() => startLlama(model, options)) : () => expect.unreachable(skipReason);
}

realTest("the capital of France is Paris at temperature 0", async () => {
  const { text } = await complete(worker(), {
    prompt: "The capital of France is",
    max_tokens: 8,
    temperature: 0,
  });

  expect(text).toContain("Paris");
});

realTest("a JSON object ends at the stop sequence `}`", async () => {
  const prompt = 'Return a JSON object with the fields name and age.\n{"name": "Ada", "age": 36}\n{"name": "';
  const { events, text } = await complete(worker(), { prompt, max_tokens: 40, temperature: 0, stop: ["}"] });

  assertStopReason(events, "stop_sequence", { sequence: "}" });
  const person = JSON.parse(`{"name": "${text}}`) as { name: unknown; age: unknown };
  expect([typeof person.name, typeof person.age]).toEqual(["string", "number"]);
});

realTest("four jobs at once in four slots complete, each with its own text", { timeout: 120_000 }, async () => {
  const outcomes = await worker().executeAll(makeRequests(4, { max_tokens: 24, temperature: 0 }));

  assertAllOk(outcomes);
  expect(new Set(outcomes.map(({ jobId }) => jobId)).size).toBe(4);
});

realTest("the same seed gives the same tokens, and another one others", { timeout: 120_000 }, async () => {
  const run = async (seed: bigint) =>
    (await complete(worker(), { seed, temperature: 1, max_tokens: 24, prompt: "My favorite place is" })).tokens;

  const first = await run(7n);
  expect(await run(7n)).toEqual(first);
  expect(await run(8n)).not.toEqual(first);
});

realTest("a cancelled job frees its slot", { timeout: 120_000 }, async () => {
  const response = await worker().execute(makeRequest({ job_id: "long", max_tokens: 1_000, temperature: 0 }));
  assertCancelled(await cancelAfter(response, { tokens: 3 }));
  await waitForIdle(worker());
});

realTest("memory does not grow over 100 jobs", { timeout: 300_000 }, async () => {
  const job = () => complete(worker(), { max_tokens: 4, temperature: 0 });
  const record = await assertNoLeak(worker(), { cycles: 100, job });

  expect(record.verdicts.map(({ source }) => source)).toContain("process-tree");
});
