import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { METHODS } from "../../src/serve/methods/index.js";
import { EngineClient } from "./engine-client.js";

test("a worker answers every question", async () => {
  const engine = await EngineClient.start();
  const { worker, port } = await engine.startMock({ stub: { timing: { itlMs: 20 } } });
  expect(await engine.call("worker.slots", { worker })).toMatchObject({ busy: 0 });
  expect(await engine.call("worker.metrics", { worker })).toMatchObject({
    text: expect.stringContaining("worker_") as string,
  });
  const response = await engine.execute(worker, { maxTokens: 2_000 });
  const [job] = (await engine.call<{ jobs: { job_id: string }[] }>("worker.journal", { worker })).jobs;
  expect(await engine.call("worker.cancel", { worker, jobId: job?.job_id })).toMatchObject({ state: "cancelling" });
  expect(await engine.call("response.collectStream", { response })).toMatchObject({
    outcome: { status: "worker-error" },
  });
  const refused = await engine.call<{ response: string }>("worker.request", { worker, path: "/nothing" });
  expect(refused).toMatchObject({ status: 404 });
  expect(await engine.call("response.text", { response: refused.response })).toHaveProperty("text");
  const attached = await engine.call<{ worker: string }>("worker.attach", { url: `http://127.0.0.1:${port}` });
  expect(attached).toMatchObject({ dialect: "orcd" });
  expect(await engine.call("worker.stop", { worker: attached.worker })).toBeNull();
});

test("the stub is configured while it runs", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  await engine.call("worker.configureStub", { worker, config: { replies: [{ text: "as told" }] } });
  const events = await engine.call("response.collect", { response: await engine.execute(worker, { maxTokens: 50 }) });
  expect(await engine.call("extract", { name: "extractText", events })).toBe("as told");
});

test("connections are cut and closed", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock({ parallel: 2, stub: { timing: { itlMs: 20 } } });
  const request = (jobId: string) => ({ testRequest: { jobId, prompt: "Hello", maxTokens: 2_000 } });
  const own = { worker, request: request("a"), options: { dedicatedConnection: true } };
  const cut = await engine.call<{ response: string }>("worker.execute", own);
  await engine.call("response.disconnect", { response: cut.response, how: "reset" });
  const shared = await engine.call<{ response: string }>("worker.execute", { worker, request: request("b") });
  await engine.call("response.abort", { response: shared.response });
  await engine.call("worker.waitForIdle", { worker });
});

test("a worker shuts itself down when it is asked", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  await engine.call("worker.shutdown", { worker });
  expect(await engine.call("worker.waitForExit", { worker })).toMatchObject({ code: 0 });
});

test("a recording is kept on request, also after the worker was stopped", async () => {
  await using folder = await createTemporaryFolder();
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const bundle = join(folder.path, "bundle");
  const options = { when: "asked", testName: "a test" };
  const begun = await engine.call<{ recording: string }>("worker.recordTo", { worker, folder: bundle, options });
  expect(begun).toMatchObject({ folder: bundle, isWritten: false });
  await engine.call("worker.stop", { worker });
  expect(await engine.call("recording.keep", { recording: begun.recording })).toMatchObject({ isWritten: true });
  expect(existsSync(join(bundle, "metadata.json"))).toBe(true);
});

test("a preset is the options of worker.launch", async () => {
  const engine = await EngineClient.start();
  const preset = await engine.call("server.preset", { name: "llamaServer", options: { model: "my.gguf" } });
  expect(preset).toMatchObject({ command: "llama-server", dialect: "openai-chat" });
  expect((await engine.fail("server.preset", { name: "llamaserver", options: {} })).data["option"]).toBe("params.name");
});

test("every method describes itself", () => {
  for (const { summary, result, params } of Object.values(METHODS)) {
    expect(summary).toMatch(/[.)]$/);
    expect(result).not.toBe("");
    for (const { help } of Object.values(params)) expect(help).not.toBe("");
  }
});
