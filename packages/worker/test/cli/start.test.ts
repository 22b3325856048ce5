import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { execute, health, readEvents } from "../support/requests.js";
import { spawnWorker, startWorker, stub } from "../support/worker-process.js";

const START = [
  "startup",
  "model_load_start",
  ...Array<string>(5).fill("model_load_progress"),
  "model_load_complete",
  "ready",
];

async function startServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe("the log of a start", () => {
  test("has its lines in order, each of them JSON, and the percentages", async () => {
    const worker = await startWorker(["--worker-id", "w-1"]);
    expect(worker.lines.map((line) => line["event"])).toEqual(START);
    expect(worker.linesOf("model_load_progress").map((line) => line["percent"])).toEqual([0, 25, 50, 75, 100]);
    for (const line of worker.lines) expect(line["worker_id"]).toBe("w-1");
    expect(worker.line("ready")).toEqual({
      event: "ready",
      worker_id: "w-1",
      host: "127.0.0.1",
      port: expect.any(Number) as number,
      pid: worker.child.pid,
      model: "stub",
      device: "stub",
      control_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}$/) as string,
    });
    expect(worker.line("startup")).toMatchObject({ level: "info", pid: worker.child.pid, port: 0, slots: 1 });
    expect(worker.line("model_load_complete")).toMatchObject({ model: "stub", vram_bytes: 64 * 1024 * 1024 });
    expect(worker.stderr).toBe("");
  });

  test("the socket is open as soon as the ready line is there", async () => {
    const worker = await startWorker();
    expect(await health(worker)).toMatchObject({ worker_id: worker.line("ready")["worker_id"] });
  });

  test("at the level `error` has only the lines of the contract", async () => {
    const worker = await startWorker(["--log-level", "error"]);
    await readEvents(await execute(worker));
    expect(worker.lines.map((line) => line["event"])).toEqual(["ready"]);
  });

  test("a prompt or a generated text never gets into the log", async () => {
    const worker = await startWorker(["--log-level", "debug", ...stub({ content: "echo" })]);
    await readEvents(await execute(worker, { prompt: "TOP SECRET TEXT" }));
    await (await execute(worker, { prompt: "TOP SECRET TEXT", stop: ["SECRET"], max_tokens: 0 })).text();
    await readEvents(await execute(worker, { prompt: "TOP SECRET TEXT", stop: ["SECRET"] }));
    worker.signal("SIGTERM");
    await worker.exited;
    expect(worker.linesOf("execute_end")).toHaveLength(2);
    expect(worker.line("execute_start")).toMatchObject({ prompt_chars: 15, seed: 42 });
    expect(worker.stdout + worker.stderr).not.toMatch(/SECRET/);
  });
});

describe("--help and --version", () => {
  test.each([["--help"], ["--help", "--port", "0"]])("%s prints the usage and exits with 0", async (...flags) => {
    const worker = spawnWorker(flags);
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.stdout).toMatch(/^Usage: worker-orcd --port <n>/);
    expect(worker.stderr).toBe("");
  });

  test("--version prints the version", async () => {
    const worker = spawnWorker(["--version"]);
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.stdout).toMatch(/^worker-orcd \d+\.\d+\.\d+\n$/);
  });
});

test("an invalid flag exits with 2, with the reason and the usage on stderr and nothing on stdout", async () => {
  const worker = spawnWorker(["--port", "0", "--stub-mode", "--parallel", "0"]);
  expect(await worker.exited).toEqual({ code: 2, signal: null });
  expect(worker.stderr).toMatch(
    /^Usage: [^]*\nworker-orcd: Expected --parallel to be an integer from 1 to \d+, got `0`\n$/,
  );
  expect(worker.stdout).toBe("");
});

test("the environment sets flags, and a flag takes precedence", async () => {
  const env = {
    WORKER_ORCD_WORKER_ID: "from-env",
    WORKER_ORCD_PARALLEL: "3",
    WORKER_ORCD_STUB_CONFIG: '{"content":"counter"}',
  };
  const worker = await startWorker(["--parallel", "2"], { env });
  expect(await health(worker)).toMatchObject({ worker_id: "from-env", slots: { total: 2 } });
});

describe("a port that is taken", () => {
  test("exits with 1 and PORT_IN_USE in the last line", async () => {
    const first = await startWorker();
    const second = spawnWorker(["--port", String(first.port), "--stub-mode"]);
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.lines.at(-1)).toEqual({
      event: "error",
      code: "PORT_IN_USE",
      message: `port ${first.port} on 127.0.0.1 is in use`,
      hint: "Choose another `--port`; 0 lets the system choose.",
    });
    expect(second.linesOf("ready")).toEqual([]);
    expect((await health(first)).status).toBe("healthy");
  });

  test("an address that this machine does not have also exits with 1", async () => {
    const worker = spawnWorker(["--port", "0", "--host", "192.0.2.1", "--stub-mode", "--log-level", "error"]);
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(worker.lines).toEqual([
      expect.objectContaining({
        event: "error",
        code: "ADDRESS_UNAVAILABLE",
        message: expect.stringMatching(/192\.0\.2\.1/) as string,
      }),
    ]);
  });
});

describe("--callback-url", () => {
  test("is notified of the worker's address once it serves", async () => {
    let received: { text: string; status: number } | undefined;
    const server = await startServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      request.once("end", () => {
        const { uri } = JSON.parse(text) as { uri: string };
        void fetch(`${uri}/health`).then(async ({ status, body }) => {
          await body?.cancel();
          received = { text, status };
          response.writeHead(204).end();
        });
      });
    });
    const worker = await startWorker([
      "--worker-id",
      "w",
      "--callback-url",
      `http://127.0.0.1:${portOf(server)}/ready`,
    ]);
    await expect
      .poll(() => received, { timeout: 10_000 })
      .toEqual({
        text: JSON.stringify({ worker_id: "w", vram_bytes: 64 * 1024 * 1024, uri: worker.url }),
        status: 200,
      });
    expect((await readEvents(await execute(worker))).at(-1)?.type).toBe("end");
  });

  test.each([500, 404, 302])("that answers %i ends the start with CALLBACK_FAILED", async (status) => {
    const server = await startServer((_request, response) => void response.writeHead(status, { location: "/x" }).end());
    const url = `http://127.0.0.1:${portOf(server)}/`;
    const worker = spawnWorker(["--port", "0", "--stub-mode", "--callback-url", url]);
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(worker.lines.at(-1)).toMatchObject({ event: "error", code: "CALLBACK_FAILED" });
    expect(worker.lines.at(-1)?.["message"]).toBe(`callback ${url}: answered ${status}`);
  });

  test("where nothing listens ends the start with CALLBACK_FAILED", async () => {
    const server = await startServer(() => undefined);
    const port = portOf(server);
    server.close();
    const worker = spawnWorker(["--port", "0", "--stub-mode", "--callback-url", `http://127.0.0.1:${port}/`]);
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(worker.lines.at(-1)).toMatchObject({
      code: "CALLBACK_FAILED",
      message: `callback http://127.0.0.1:${port}/: no connection`,
    });
  });

  test("that does not answer ends the start after 5 s", async () => {
    const server = await startServer(() => undefined);
    const worker = spawnWorker(["--port", "0", "--stub-mode", "--callback-url", `http://127.0.0.1:${portOf(server)}/`]);
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(worker.lines.at(-1)?.["message"]).toMatch(/no answer within 5000 ms$/);
  });

  test("does not delay a signal", async () => {
    const server = await startServer(() => undefined);
    const url = `http://127.0.0.1:${portOf(server)}/`;
    const worker = await startWorker(["--callback-url", url]);
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
  });
});
