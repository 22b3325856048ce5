import { TestModel } from "inference-testkit";
import { PROGRAM } from "../../support/llama-server.js";

const given = { command: PROGRAM, model: TestModel.smolLm2().path };
// #region guide
import { assertAllOk, assertStreamed, collectStream, extractText, makeTestRequest } from "inference-testkit";
import { servers } from "inference-testkit/servers";
import { expect, test } from "inference-testkit/vitest";

const { command, model } = given; // "llama-server", and your GGUF file

test.override("workerOptions", { ...servers.llamaServer({ model, parallel: 2, contextSize: 2048 }), command });

const LIMIT = { timeout: 120_000 };

test("a question is answered", LIMIT, async ({ worker }) => {
  const request = makeTestRequest("job-1", "Where is the Eiffel Tower?", 32, { temperature: 0 });
  const stream = await collectStream(await worker.execute(request));

  expect(stream).toCompleteSuccessfully();
  expect(extractText(stream)).toContain("Paris");
});

test("two jobs at once", LIMIT, async ({ worker }) => {
  const requests = [1, 2].map((index) => makeTestRequest(`job-${index}`, `Count to ${index * 100}.`, 48));
  const outcomes = await worker.executeAll(requests);

  assertAllOk(outcomes);
  for (const { stream } of outcomes) assertStreamed(stream);
});
// #endregion
