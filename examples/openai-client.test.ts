// #region openai-client
import OpenAI from "openai";
import { expect, test } from "vitest";
import { WorkerTestHarness } from "inference-testkit";

test("an unchanged OpenAI client talks to the stub", async () => {
  await using worker = await WorkerTestHarness.startMock({ stub: { replies: [{ text: "Hello!" }] } });

  const client = new OpenAI({ baseURL: `${worker.baseUrl}/v1`, apiKey: "unused" });
  const answer = await client.chat.completions.create({ model: "stub", messages: [{ role: "user", content: "Hi" }] });
  expect(answer.choices[0]?.message.content).toBe("Hello!");
});
// #endregion
