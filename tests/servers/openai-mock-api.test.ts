import { fileURLToPath } from "node:url";
import {
  assertSuccessfulCompletion,
  collectStream,
  extractText,
  makeTestRequest,
  WorkerTestHarness,
  type ProgramOptions,
} from "inference-testkit";
import { runConformance } from "inference-testkit/conformance";
import { expect, test } from "vitest";
import { rejectionOf } from "../support/conditions.js";
import { nodeProgram } from "../support/peers.js";

const CONFIG = fileURLToPath(new URL("../peers/servers/openai-mock-api.yaml", import.meta.url));
const { command, args, missing } = nodeProgram("openai-mock-api", "dist/cli.js");
const TIMEOUT_MS = 90_000;
/** As in its configuration. */
const KEY = "sk-mock-0123456789";

const OPTIONS: ProgramOptions = {
  command,
  args: [...args, "--config", CONFIG, "--port", "{port}"],
  dialect: "openai-chat",
  readyTimeoutMs: 60_000,
  allow: ["LISTENS_BEYOND_LOOPBACK"], // it has no option for its address
  headers: { authorization: `Bearer ${KEY}` },
};

if (missing !== undefined) test("openai-mock-api", (context) => context.skip(missing));
const peerTest = test.skipIf(missing !== undefined);

peerTest("it is recognized with its key, and answers in one piece", { timeout: TIMEOUT_MS }, async () => {
  await using server = await WorkerTestHarness.launch(OPTIONS);
  await using worker = await WorkerTestHarness.attach(server.baseUrl, { headers: server.headers });
  const request = makeTestRequest("job-1", "The capital of France?", 20);
  const stream = await collectStream(await worker.execute({ ...request, extraBody: { stream: false } }));

  assertSuccessfulCompletion(stream);
  expect(worker.dialect.name).toBe("openai-chat");
  expect(worker.model).toBe("gpt-3.5-turbo");
  expect(extractText(stream)).toContain("Paris");
});

peerTest("its streams are sent as text/plain, which is refused", { timeout: TIMEOUT_MS }, async () => {
  await using server = await WorkerTestHarness.launch(OPTIONS);
  const error = await rejectionOf(server.execute(makeTestRequest("job-1", "Hello", 5)).then(collectStream));

  expect(error.message).toContain("Expected `text/event-stream`, got `text/plain; charset=utf-8`");
});

peerTest("without the key, the list of models says what to do", { timeout: TIMEOUT_MS }, async () => {
  const { message } = await rejectionOf(WorkerTestHarness.launch({ ...OPTIONS, headers: undefined }));
  const wrong = { ...OPTIONS, headers: { authorization: "Bearer sk-wrong-0123456789" } };
  const refused = await rejectionOf(WorkerTestHarness.launch(wrong));

  expect(message).toContain("/v1/models answered 401");
  expect(message).toContain("The server wants a key");
  expect(refused.message).toContain("although `authorization` was sent");
  expect(refused.message).not.toContain("sk-wrong");
});

peerTest("the checks reach it with the key, and find what is wrong", { timeout: TIMEOUT_MS }, async () => {
  const only = ["stream.content-type", "validation.*", "security.binds-loopback", "security.foreign-host-is-refused"];
  const report = await runConformance(() => WorkerTestHarness.launch(OPTIONS), { only });
  const found = report.checks.filter(({ status }) => status === "fail").map(({ id }) => id);

  expect(found).toEqual(
    expect.arrayContaining([
      "stream.content-type",
      "validation.deep-nesting",
      "security.binds-loopback",
      "security.foreign-host-is-refused",
    ]),
  );
  expect(report.restarts).toEqual([]); // it is wrong, and alive
  expect(JSON.stringify(report)).not.toContain(KEY);
});
