const given = { command: process.env["VLLM_PROGRAM"], model: process.env["VLLM_MODEL"] ?? "" };
// #region guide
import { extractText, collectStream, makeTestRequest } from "inference-testkit";
import { servers } from "inference-testkit/servers";
import { expect, test } from "inference-testkit/vitest";

const { command = "vllm", model } = given; // your program, and the name or folder of your model

test.override("workerOptions", { ...servers.vllm({ model, contextSize: 2048 }), command });

test("the capital of France is Paris", { timeout: 900_000 }, async ({ worker }) => {
  const request = makeTestRequest("job-1", "What is the capital of France?", 32, { temperature: 0 });
  const stream = await collectStream(await worker.execute(request));

  expect(stream).toCompleteSuccessfully();
  expect(extractText(stream)).toContain("Paris");
});
// #endregion
