import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { collectStream, streamEvents, WorkerTestHarness, type MockWorkerOptions } from "inference-testkit";
import { describeEngines } from "./support/engines.js";
import { complete, makeRequest } from "./support/jobs.js";
import { parseLines, runWorkerOrcd } from "./support/programs.js";
import { startFailure } from "./support/start-failure.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

const SLOW: MockWorkerOptions = { stub: { timing: { itlMs: 10 } } };
const HANGING: MockWorkerOptions = { stub: { faults: [{ id: "hang", at: { afterTokens: 1 } }] } };

describe("shutdown", () => {
  test("POST /shutdown: 202, unhealthy, no new work, the running job finishes, exit 0", async () => {
    await using worker = await WorkerTestHarness.startMock(SLOW);
    const running = collectStream(await worker.execute(makeRequest({ max_tokens: 250 })));
    const queued = collectStream(await worker.execute(makeRequest()));
    const answer = await worker.request("/shutdown", {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    const refused = await worker.execute(makeRequest());
    const health = await worker.request("/health");

    expect(answer.status).toBe(202);
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toMatch(/^\d+$/);
    expect(await refused.json()).toMatchObject({ code: "SHUTTING_DOWN", retriable: true });
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: "unhealthy", slots: { busy: 1, queued: 0 } });
    expect((await queued).events).toMatchObject([{ type: "error", code: "SHUTTING_DOWN", retriable: true }]);
    expect((await running).outcome).toMatchObject({ status: "complete", terminal: { tokens_out: 250 } });
    expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 0 });
    await answer.text();
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s: the running job finishes within the grace period, exit 0",
    async (signal) => {
      await using worker = await WorkerTestHarness.startMock(SLOW);
      const running = collectStream(await worker.execute(makeRequest({ max_tokens: 30 })));

      worker.kill(signal);

      expect((await running).outcome.status).toBe("complete");
      expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 0 });
      expect(worker.logs.text()).toContain(`"reason":"${signal}"`);
    },
  );

  test("a job that does not finish within the grace period ends with CANCELLED, exit 0", async () => {
    await using worker = await WorkerTestHarness.startMock({ ...HANGING, shutdownGraceMs: 100 });
    const running = collectStream(await worker.execute(makeRequest()));

    worker.kill("SIGTERM");

    expect((await running).outcome).toMatchObject({ status: "worker-error", terminal: { code: "CANCELLED" } });
    expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 0 });
  });

  test("a second signal ends the worker immediately", async () => {
    await using worker = await WorkerTestHarness.startMock({ ...HANGING, shutdownGraceMs: 60_000 });
    const response = await worker.execute(makeRequest());

    worker.kill("SIGTERM");
    await worker.logs.waitFor('"event":"shutdown"');
    worker.kill("SIGTERM");

    expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 143 });
    await collectStream(response);
  });
});

describe("start", () => {
  test("the log has the start in order: startup, loading in five steps, ready", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const lines = parseLines(worker.logs.text());

    expect(lines.map((line) => line["event"])).toEqual([
      ...["startup", "model_load_start"],
      ...new Array<string>(5).fill("model_load_progress"),
      ...["model_load_complete", "ready"],
    ]);
    expect(lines.flatMap((line) => line["percent"] ?? [])).toEqual([0, 25, 50, 75, 100]);
    expect(lines.at(-1)).toEqual({
      event: "ready",
      worker_id: worker.workerId,
      host: "127.0.0.1",
      port: worker.port,
      pid: worker.pid,
      model: "stub",
      device: "stub",
      control_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\[hidden\]$/) as unknown,
    });
  });

  test("--log-level error leaves only the lines of the contract", async () => {
    await using worker = await WorkerTestHarness.startMock({ logLevel: "error" });
    await complete(worker);

    expect(parseLines(worker.logs.text()).map((line) => line["event"])).toEqual(["ready"]);
  });

  test("a port that is taken ends the start with PORT_IN_USE", async () => {
    await using worker = await WorkerTestHarness.startMock();

    const error = await startFailure(WorkerTestHarness.startMock({ port: worker.port }));

    expect(error.code).toBe("PROCESS_DIED");
    expect(error.message).toContain(`PORT_IN_USE: port ${worker.port} on 127.0.0.1 is in use`);
  });

  test("every flag is also an environment variable, and the flag takes precedence", async () => {
    const env = { WORKER_ORCD_MAX_TOKENS_OUT: "3", WORKER_ORCD_PARALLEL: "2" };
    await using worker = await WorkerTestHarness.startMock({ env, parallel: 5 });

    expect((await complete(worker, { max_tokens: 3 })).tokens).toHaveLength(3);
    const refused = await worker.execute(makeRequest({ max_tokens: 4 }));
    expect(refused.status).toBe(400);
    await refused.text();
    expect((await worker.health()).slots.total).toBe(5);
  });

  test("INFERENCE_TESTKIT_COMMAND and `command` select another program with the same flags", async () => {
    const program = "process.stderr.write(process.argv.slice(1).join(' ')); process.exit(9)";

    const error = await startFailure(WorkerTestHarness.startMock({ command: [process.execPath, "-e", program, "--"] }));

    expect(error.message).toContain("exit code 9");
    expect(error.message).toMatch(/\| --stub-mode --port 0 --host 127\.0\.0\.1 --worker-id worker-/);
  });

  test("a stub configuration may be a file", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "stub.json");
    await writeFile(path, JSON.stringify({ content: { script: ["from", " a", " file"] } }));
    await using worker = await WorkerTestHarness.startMock({ env: { WORKER_ORCD_STUB_CONFIG: path } });

    expect((await complete(worker)).text).toBe("from a file");
  });
});

describe("--callback-url", () => {
  /** A receiver that answers with a status, and what it was told. */
  async function receive(status: number): Promise<AsyncDisposable & { url: string; told: unknown[] }> {
    const told: unknown[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.once("end", () => {
        told.push(JSON.parse(body));
        response.writeHead(status, { connection: "close" }).end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`,
      told,
      [Symbol.asyncDispose]: close,
    };
  }

  test("receives worker id, memory and address of a worker that is already serving", async () => {
    await using receiver = await receive(204);
    await using worker = await WorkerTestHarness.startMock({ args: ["--callback-url", receiver.url] });
    const { vram_bytes } = await worker.health();

    await expect.poll(() => receiver.told).toEqual([{ worker_id: worker.workerId, vram_bytes, uri: worker.baseUrl }]);
  });

  test("that answers 500 ends the worker with exit code 1", async () => {
    await using receiver = await receive(500);

    const { exitCode, stdout } = await runWorkerOrcd(["--port", "0", "--stub-mode", "--callback-url", receiver.url]);

    expect(exitCode).toBe(1);
    expect(parseLines(stdout).at(-1)).toMatchObject({ event: "error", code: "CALLBACK_FAILED" });
  });

  test("where nothing listens ends the worker with exit code 1", async () => {
    let url: string;
    {
      await using receiver = await receive(200);
      url = receiver.url;
    }

    const { exitCode, stdout } = await runWorkerOrcd(["--port", "0", "--stub-mode", "--callback-url", url]);

    expect(exitCode).toBe(1);
    expect(parseLines(stdout).at(-1)).toMatchObject({ event: "error", code: "CALLBACK_FAILED" });
  });
});

describe("flags", () => {
  test.each([
    ["no port", ["--stub-mode"], "--port is required"],
    ["no engine", ["--port", "0"], "either --stub-mode or --model is required"],
    ["both engines", ["--port", "0", "--stub-mode", "--model", "x.gguf"], "exclude each other"],
    ["a model without a device", ["--port", "0", "--model", "x.gguf"], "--model needs --gpu-device"],
    ["a port below 1024", ["--port", "80", "--stub-mode"], "0 or 1024..65535"],
    ["a port that is not a number", ["--port", "http", "--stub-mode"], "got `http`"],
    ["an unknown flag", ["--port", "0", "--stub-mode", "--turbo"], "--turbo"],
    ["an invalid stub configuration", ["--port", "0", "--stub-mode", "--stub-config", '{"speed":1}'], "speed"],
    ["an invalid callback", ["--port", "0", "--stub-mode", "--callback-url", "ftp://x"], "ftp://x"],
  ])("%s: exit 2 with the reason and the usage", async (_name, args, reason) => {
    const { exitCode, stdout, stderr } = await runWorkerOrcd(args);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr).toContain("Usage: worker-orcd");
    expect(stdout).toBe("");
  });

  test("--help and --version print and exit 0", async () => {
    const help = await runWorkerOrcd(["--help"]);
    const version = await runWorkerOrcd(["--version"]);

    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    for (const flag of ["--port", "--model", "--gpu-device", "--stub-mode"]) expect(help.stdout).toContain(flag);
    expect(version).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout: expect.stringMatching(/\d+\.\d+\.\d+/) as string,
    });
  });
});

describeEngines((engine) => {
  test("the log has length and hash of prompt and output, never the texts", async () => {
    await using worker = await engine.start({ logLevel: "debug" });
    const prompt = "The secret word is rhododendron";

    const { text } = await complete(worker, { prompt, max_tokens: 30 });
    const bad = await worker.execute(makeRequest({ prompt, stop: ["rhododendron".repeat(20)] }));
    await bad.text();
    await worker.logs.waitFor("execute_end");

    const log = worker.logs.text();
    expect(log).not.toContain("rhododendron");
    expect(log).not.toContain(JSON.stringify(text).slice(1, -1));
    expect(log).toContain(`"prompt_chars":${prompt.length}`);
    expect(log).toMatch(/"prompt_sha256":"[0-9a-f]{64}"/);
    expect(log).toMatch(/"output_sha256":"[0-9a-f]{64}"/);
  });

  test("POST /shutdown in the middle of a generation lets it finish, exit 0", async () => {
    await using worker = await engine.start();
    const response = await worker.execute(makeRequest({ max_tokens: 40, temperature: 0 }));
    const types: string[] = [];
    for await (const event of streamEvents(response)) {
      if (event.type === "started") await worker.shutdown();
      types.push(event.type);
    }

    expect(types.at(-1)).toBe("end");
    expect(await worker.waitForExit()).toEqual({ kind: "exited", code: 0 });
  });
});
