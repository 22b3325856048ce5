// #region script
import { expect, test } from "vitest";
import { WorkerTestHarness } from "inference-testkit";

const CONVERSATION = {
  replies: [
    { when: { contains: "weather" }, toolCalls: [{ id: "call_1", name: "weather", arguments: { city: "Paris" } }] },
    { when: { role: "tool" as const }, text: "It is sunny in Paris.", usage: { promptTokens: 120 } },
  ],
  models: ["gpt-4o"], // also answer to this name
};

test("the application looks up the weather and reports it", async () => {
  await using worker = await WorkerTestHarness.startMock({ stub: CONVERSATION });

  expect(await answerQuestion(worker.baseUrl, "How is the weather in Paris?")).toBe("It is sunny in Paris.");
});
// #endregion

/** The application: any client of OpenAI, pointed at `${url}/v1`. Here it is a few lines of `fetch`. */
async function answerQuestion(url: string, question: string): Promise<string> {
  const messages: object[] = [{ role: "user", content: question }];
  for (;;) {
    const message = await chat(url, messages);
    messages.push(message);
    if (message.tool_calls === undefined) return message.content ?? "";
    for (const { id } of message.tool_calls) messages.push({ role: "tool", tool_call_id: id, content: "sunny" });
  }
}

interface Message {
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly id: string }[];
}

async function chat(url: string, messages: readonly object[]): Promise<Message> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o", messages }),
  });
  const { choices } = (await response.json()) as { choices: readonly [{ message: Message }] };
  return choices[0].message;
}
