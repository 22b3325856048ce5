import { existsSync } from "node:fs";
import {
  assertStopReason,
  collectStream,
  disconnectAfter,
  extractText,
  makeTestRequest,
  waitForIdle,
  WorkerTestHarness,
} from "inference-testkit";
import { expect, test } from "vitest";
import { rejectionOf } from "../support/conditions.js";
import { CRASHING_LIBRARIES, llamaServer, missingLlamaServer } from "../support/llama-server.js";

const STORY = "Tell me a long story about a lighthouse keeper.";
const TIMEOUT_MS = 120_000;

/** Neither dialect nor server has a seed here. */
const request = (jobId: string, maxTokens: number, stop: string[] = []) =>
  makeTestRequest(jobId, STORY, maxTokens, { temperature: 0, seed: null, stop });

if (missingLlamaServer !== undefined)
  test("what is special about llama-server", (context) => context.skip(missingLlamaServer));
const realTest = test.skipIf(missingLlamaServer !== undefined);

realTest(
  "a stop sequence in `anthropic`, which it reports as `end_turn` with the sequence",
  { timeout: TIMEOUT_MS },
  async () => {
    await using server = await WorkerTestHarness.launch(llamaServer("anthropic"));
    const stream = await collectStream(await server.execute(request("job-1", 60, [" the"])));

    assertStopReason(stream, "stop_sequence", { sequence: " the" });
    expect(extractText(stream)).not.toContain(" the");
  },
);

realTest.each(["close", "reset"] as const)(
  "a client that disappears (%s) frees the slot",
  { timeout: TIMEOUT_MS },
  async (how) => {
    await using server = await WorkerTestHarness.launch(llamaServer("openai-chat"));
    const { tokens } = await disconnectAfter(server, request("job-1", 1000), { tokens: 3, how });
    await waitForIdle(server);

    expect(tokens.length).toBeGreaterThanOrEqual(3);
  },
);

const crashes = missingLlamaServer === undefined && existsSync(CRASHING_LIBRARIES);
if (crashes) {
  test("a server that dies of an illegal instruction is named with the signal", { timeout: TIMEOUT_MS }, async () => {
    const crashing = { ...llamaServer("openai-chat"), env: { LD_LIBRARY_PATH: CRASHING_LIBRARIES } };
    const error = await rejectionOf(WorkerTestHarness.launch(crashing));

    expect(error.message).toContain("[PROCESS_DIED]");
    expect(error.message).toContain("SIGILL");
  });
}
