import { copyFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TestModel, WorkerTestHarness } from "inference-testkit";
import { startFailure } from "./support/start-failure.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

describe("options are checked first, and the error shows the value", () => {
  const wrong: [name: string, start: () => Promise<WorkerTestHarness>, message: string][] = [
    [
      "readyTimeoutMs",
      () => WorkerTestHarness.startMock({ readyTimeoutMs: -1 }),
      "`readyTimeoutMs` to be a positive number, got `-1`",
    ],
    [
      "stopGraceMs",
      () => WorkerTestHarness.startMock({ stopGraceMs: NaN }),
      "`stopGraceMs` to be zero or a positive number, got `NaN`",
    ],
    [
      "logLines",
      () => WorkerTestHarness.startMock({ logLines: 0 }),
      "`logLines` to be a whole number from 1 to 1000000, got `0`",
    ],
    [
      "port",
      () => WorkerTestHarness.startMock({ port: 70_000 }),
      "`port` to be a whole number from 1 to 65535, got `70000`",
    ],
    ["host", () => WorkerTestHarness.startMock({ host: "" }), '`host` to be a string that is not empty, got `""`'],
    [
      "parallel",
      () => WorkerTestHarness.startMock({ parallel: 0 }),
      "`parallel` to be a whole number of at least 1, got `0`",
    ],
    [
      "batchInvariant",
      () => WorkerTestHarness.startMock({ batchInvariant: "yes" as unknown as boolean }),
      '`batchInvariant` to be true or false, got `"yes"`',
    ],
    [
      "maxQueue",
      () => WorkerTestHarness.startMock({ maxQueue: 1.5 }),
      "`maxQueue` to be a whole number of at least 0, got `1.5`",
    ],
    [
      "shutdownGraceMs",
      () => WorkerTestHarness.startMock({ shutdownGraceMs: -1 }),
      "`shutdownGraceMs` to be a number of at least 0, got `-1`",
    ],
    [
      "logLevel",
      () => WorkerTestHarness.startMock({ logLevel: "loud" as "info" }),
      '`logLevel` to be "error", "warn", "info" or "debug", got `"loud"`',
    ],
    ["command", () => WorkerTestHarness.startMock({ command: [] }), "`command` to be the name of a program, got `[]`"],
    [
      "time-outs",
      () => WorkerTestHarness.startMock({ timeouts: { totalMs: 0 } }),
      "`timeouts.totalMs` to be a positive number, got `0`",
    ],
    ["modelPath", () => WorkerTestHarness.start("", 0), '`modelPath` to be the path of a GGUF file, got `""`'],
    [
      "gpuDevice",
      () => WorkerTestHarness.start("model.gguf", 1.5),
      "`gpuDevice` to be a GPU number, or -1 for the CPU, got `1.5`",
    ],
    [
      "ready",
      () => WorkerTestHarness.launch({ command: "x", ready: { kind: "soon" as "line" } }),
      '`ready.kind` to be "line", "log", "http" or "port", got `"soon"`',
    ],
    [
      "port for a poll",
      () => WorkerTestHarness.launch({ command: "x", ready: { kind: "http" } }),
      "`{port}` to be used in `args` or `env`",
    ],
  ];

  test.each(wrong)("%s", async (_name, start, message) => {
    const error = await startFailure(start());

    expect(error.code).toBe("INVALID_OPTION");
    expect(error.message).toContain(message);
  });

  test("flags that the worker rejects are reported with its usage message", async () => {
    const error = await startFailure(WorkerTestHarness.startMock({ maxTokensOut: 4096 }));

    expect(error.code).toBe("PROCESS_DIED");
    expect(error.message).toContain("Expected --max-tokens-out to be an integer from 1 to 2048, got `4096`");
    expect(error.message).toContain("exit code 2");
  });
});

describe("a model that cannot be loaded ends the start in seconds, with the worker's own reason", () => {
  /** Far below the time-out of a start, 30 s, which is what must not be waited for. */
  const SECONDS_MS = 15_000;

  async function failToLoad(path: string, gpuDevice = -1): Promise<string> {
    const startedAtMs = performance.now();
    const error = await startFailure(WorkerTestHarness.start(path, gpuDevice));
    expect(performance.now() - startedAtMs).toBeLessThan(SECONDS_MS);
    expect(error.code).toBe("PROCESS_DIED");
    expect(error.message).toContain("exit code 1");
    expect(error.details["workerError"]).toMatchObject({ message: expect.any(String) as string });
    return error.message;
  }

  test("a missing file", async () => {
    expect(await failToLoad("no-such-model.gguf")).toMatch(/MODEL_LOAD_FAILED: .*no-such-model\.gguf.*no such file/);
  });

  test("a folder", async () => {
    expect(await failToLoad(".")).toMatch(/MODEL_LOAD_FAILED: .*not a file/);
  });

  test("an empty file", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "empty.gguf");
    await writeFile(path, "");

    expect(await failToLoad(path)).toMatch(/MODEL_LOAD_FAILED: .*empty/);
  });

  test("a file that is not GGUF", async () => {
    expect(await failToLoad("package.json")).toMatch(/MODEL_LOAD_FAILED: .*not a GGUF file/);
  });

  test.each([0.001, 0.5, 0.99])("a file truncated to %d", async (share) => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "truncated.gguf");
    const model = await TestModel.synthetic();
    await copyFile(model.path, path);
    await truncate(path, Math.round((await stat(path)).size * share));

    expect(await failToLoad(path)).toMatch(/MODEL_LOAD_FAILED: .*truncated/);
  });

  test("an unknown GGUF version", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "future.gguf");
    await writeFile(path, Buffer.from([...Buffer.from("GGUF"), 99, 0, 0, 0, ...new Array<number>(64).fill(0)]));

    expect(await failToLoad(path)).toMatch(/MODEL_LOAD_FAILED: .*version 99/);
  });

  test("a GGUF file of an unknown architecture", async () => {
    const model = await TestModel.synthetic({ architecture: "no-such-architecture" });

    expect(await failToLoad(model.path)).toMatch(/MODEL_LOAD_FAILED: .*no-such-architecture/);
  });
});

test("a server without the path that is polled: the error says how to name another", async () => {
  const program =
    "require('node:http').createServer((_, answer) => answer.writeHead(404).end()).listen(process.argv[1])";
  const error = await startFailure(
    WorkerTestHarness.launch({
      command: process.execPath,
      args: ["-e", program, "{port}"],
      dialect: "openai-chat",
      readyTimeoutMs: 3_000,
    }),
  );

  expect(error.code).toBe("READY_TIMEOUT");
  expect(error.hint).toContain('The server has no /health: set `ready: { kind: "http", path: … }`');
});
