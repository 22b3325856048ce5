import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  assertAllOk,
  assertEventOrder,
  assertSuccessfulCompletion,
  assertTokenCount,
  cancelAfter,
  collectStream,
  disconnectAfter,
  extractEndEvent,
  extractText,
  isTestkitError,
  makeTestRequest,
  waitForIdle,
  WorkerTestHarness,
  type ExecuteRequest,
} from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { runLoad } from "inference-testkit/load";
import { rejectionOf } from "../support/conditions.js";
import { useWorker } from "../support/engines.js";
import { CRASHING_LIBRARIES, noLlamaServer, startLlamaServer } from "../support/llama-server.js";

const QUESTION = "Which city is the capital of France? Answer with one word.";
const BEGINNING = "The capital of France is";
const STORY = {
  chat: "Tell me a long story about a lighthouse keeper.",
  text: "Once upon a time there was a lighthouse keeper who",
};

/** What llama-server speaks, how a stop sequence is reported, and whether a request can carry a seed. */
const DIALECTS = [
  { dialect: "openai-chat", prompt: QUESTION, stop: "stop", seed: 42 },
  { dialect: "openai-completions", prompt: BEGINNING, stop: "stop", seed: 42 },
  { dialect: "openai-responses", prompt: QUESTION, stop: undefined, seed: null },
  { dialect: "anthropic", prompt: QUESTION, stop: "stop_sequence", seed: null },
  { dialect: "llama-cpp", prompt: BEGINNING, stop: "stop_sequence", seed: 42 },
] as const;

if (noLlamaServer !== undefined) test("llama-server", (context) => context.skip(noLlamaServer));
else
  describe.each(DIALECTS)(
    "llama-server in the dialect $dialect",
    { timeout: 120_000 },
    ({ dialect, prompt, stop, seed }) => {
      const server = useWorker(() => startLlamaServer({ dialect }));
      const request = (jobId: string, maxTokens: number, more: Partial<ExecuteRequest> = {}) => {
        const { prompt: text = prompt === QUESTION ? STORY.chat : STORY.text, ...sampling } = more;
        return makeTestRequest(jobId, text, maxTokens, { temperature: 0, seed, ...sampling });
      };

      test("a prompt is answered with real text and the server's own token count", async () => {
        const stream = await collectStream(await server().execute(request("job-1", 10, { prompt })));

        assertEventOrder(stream);
        assertSuccessfulCompletion(stream);
        assertTokenCount(stream, { min: 1, max: 10 });
        expect(extractText(stream)).toContain("Paris");
        expect(extractEndEvent(stream).tokens_out).toBeLessThanOrEqual(10);
      });

      if (seed !== null)
        test("the same seed gives the same text", async () => {
          const ask = async (jobId: string) =>
            extractText(await collectStream(await server().execute(request(jobId, 16, { temperature: 1, seed: 7 }))));

          expect(await ask("seed-1")).toBe(await ask("seed-2"));
        });

      if (stop !== undefined)
        test("a stop sequence ends the text before it", async () => {
          const stream = await collectStream(await server().execute(request("stop-1", 60, { stop: [" the"] })));

          expect(extractText(stream)).not.toContain(" the");
          expect(extractEndEvent(stream).stop_reason).toBe(stop);
        });

      test("two jobs in two slots, and two more that wait", async () => {
        const jobs = [0, 1, 2, 3].map((index) => request(`many-${index}`, 12));
        assertAllOk(await server().executeAll(jobs));
      });

      test("closing the connection cancels a job, and the server is idle soon after", async () => {
        const cancelled = await cancelAfter(await server().execute(request("cancel-1", 500)), { tokens: 2 });
        expect(cancelled).toMatchObject({ status: "cancelled", by: "disconnect" });
        await waitForIdle(server());

        await disconnectAfter(server(), request("leave-1", 500), { tokens: 2, how: "close" });
        await waitForIdle(server());
      });

      test("a stream that is cut by a proxy is truncated, never complete", async () => {
        await using proxy = await FaultProxy.inFrontOf(server(), { faults: [{ id: "rst", at: { afterTokens: 2 } }] });
        const stream = await collectStream(await proxy.worker.execute(request("cut-1", 12)));

        expect(stream.outcome.status).not.toBe("complete");
        expect(stream.events.filter(({ type }) => type === "token")).toHaveLength(2);
      });

      test("a load run counts tokens as the server does", async () => {
        const result = await runLoad(server(), {
          profile: { kind: "concurrency", clients: 2 },
          requests: (index) => request(`load-${index}`, 6, { prompt: `Number ${index} is` }),
          stop: { count: 6 },
        });

        expect(result.counts).toEqual({ attempted: 6, byStatus: { ok: 6 } });
      });
    },
  );

const crashes = noLlamaServer === undefined && existsSync(CRASHING_LIBRARIES);
test.skipIf(!crashes)("a server that dies of an illegal instruction is named with the signal", async () => {
  const error = await rejectionOf(startLlamaServer({ env: { LD_LIBRARY_PATH: CRASHING_LIBRARIES } }));

  expect(isTestkitError(error)).toBe(true);
  expect(error.message).toContain("SIGILL");
});

test.skipIf(noLlamaServer !== undefined)("with no dialect given, an attached server is recognized", async () => {
  await using server = await startLlamaServer({ dialect: "openai-chat" });
  await using attached = await WorkerTestHarness.attach(server.baseUrl);

  expect(attached.dialect.name).toBe("openai-chat");
});
