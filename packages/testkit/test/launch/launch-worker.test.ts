import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ProcessDiedError, type TestkitError } from "../../src/errors/index.js";
import { launchWorker, resolveLaunchOptions, type LaunchOptions } from "../../src/launch/index.js";
import { isBindable } from "../../src/launch/ports/bindable.js";
import { errorOf, findQuietPort, isRunning, launch, normalise, waitUntil, workerOptions } from "./helpers.js";

const failureOf = (options: LaunchOptions): Promise<Error> => errorOf(launchWorker(resolveLaunchOptions(options)));
const listens = { kind: "log", pattern: /listening on port (?<port>\d+)/ } as const;

describe("a worker that dies before it is ready", () => {
  test.each([0, 3])("exit code %i", async (code) => {
    const error = await failureOf(workerOptions(["exits-at-start", String(code)]));
    expect(error).toBeInstanceOf(ProcessDiedError);
    expect(error).toMatchObject({ details: { exit: { kind: "exited", code } } });
    expect((error as Error & Pick<TestkitError, "logTail">).logTail.toSorted()).toEqual([
      "about to end",
      "this is why",
    ]);
  });

  test("the message shows the exit code, the command and the last log lines", async () => {
    const error = await failureOf(workerOptions(["prints-half-utf8"]));
    expect(normalise(error.message)).toMatchInlineSnapshot(`
      "[PROCESS_DIED] The worker ended with exit code 3 before it was ready
      hint: Look at the exit code or signal and at the worker's last log lines.
        command: <node> <workers>/prints-half-utf8.mjs
        pid: <pid>
        exit: {"kind":"exited","code":3}
        waitedMs: <ms>
      last 3 log lines of the worker:
        | price: 5 €
        | b�d
        | no line break �"
    `);
  });

  test("a crash: the message shows the signal", async () => {
    const error = await failureOf(workerOptions(["kills-itself"]));
    expect(error.message).toContain("The worker ended with signal SIGKILL before it was ready");
  });

  test("the worker's own error line leads the message", async () => {
    const error = await failureOf(workerOptions(["fails-with-error-line"]));
    expect(normalise(error.message)).toMatchInlineSnapshot(`
      "[PROCESS_DIED] MODEL_LOAD_FAILED: not a GGUF file: model.gguf
      The worker ended with exit code 1 before it was ready
      hint: The first line is the worker's own reason.
        command: <node> <workers>/fails-with-error-line.mjs
        pid: <pid>
        exit: {"kind":"exited","code":1}
        workerError: {"code":"MODEL_LOAD_FAILED","message":"not a GGUF file: model.gguf"}
        waitedMs: <ms>
      last 2 log lines of the worker:
        | {"event":"startup"}
        | {"event":"error","code":"MODEL_LOAD_FAILED","message":"not a GGUF file: model.gguf"}"
    `);
  });

  test("a child left behind that keeps the output open is killed and does not delay the error", async () => {
    const error = await failureOf(workerOptions(["dies-leaving-child"], { readyTimeoutMs: 20_000 }));
    expect(error).toBeInstanceOf(ProcessDiedError);
    const child = Number(/left (\d+)/.exec(error.message)?.[1]);
    expect(child).toBeGreaterThan(0);
    expect(isRunning(child)).toBe(false);
  });
});

describe("the caller's signal", () => {
  test("ends the start with its reason, after the worker was stopped", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const file = join(createFolder(), "ports");
    const options = workerOptions(["port-conflict", "{port}", file, "0"]);
    const launching = errorOf(launchWorker(resolveLaunchOptions(options), { signal: controller.signal }));
    await waitUntil(() => readLines(file).length === 1);
    controller.abort(reason);
    expect(await launching).toBe(reason);
    expect(await isBindable("127.0.0.1", Number(readLines(file)[0]))).toBe(true);
  });

  test("that has fired before starts nothing", async () => {
    const reason = new Error("enough");
    const launching = launchWorker(resolveLaunchOptions({ command: "no-such-program" }), {
      signal: AbortSignal.abort(reason),
    });
    expect(await errorOf(launching)).toBe(reason);
  });

  test("has no effect on a ready worker", async () => {
    const controller = new AbortController();
    const worker = await launch(workerOptions(["ready-line"]), { signal: controller.signal });
    controller.abort();
    await new Promise(setImmediate);
    expect(worker.exitInfo).toBeUndefined();
  });
});

describe("a bind conflict", () => {
  const ready = { kind: "log", pattern: /^bound$/ } as const;

  test("on an automatically chosen port repeats the start with another one", async () => {
    const file = join(createFolder(), "ports");
    const worker = await launch(workerOptions(["port-conflict", "{port}", file, "2"], { ready }));
    expect(worker.startCount).toBe(3);
    expect(readLines(file)).toHaveLength(3);
    expect(readLines(file).at(-1)).toBe(String(worker.port));
  });

  test("is given up after the fifth repetition with the last error", async () => {
    const file = join(createFolder(), "ports");
    const error = await failureOf(workerOptions(["port-conflict", "{port}", file, "99"], { ready }));
    expect(error).toBeInstanceOf(ProcessDiedError);
    expect(error.message).toContain("EADDRINUSE");
    expect(readLines(file)).toHaveLength(6);
  });

  test("on a port given by the caller is an immediate error", async () => {
    const file = join(createFolder(), "ports");
    const port = await findQuietPort();
    await failureOf(workerOptions(["port-conflict", "{port}", file, "1"], { ready, port }));
    expect(readLines(file)).toEqual([String(port)]);
  });

  test("any other death is not repeated", async () => {
    const error = await failureOf(workerOptions(["exits-at-start", "3", "{port}"]));
    expect(error).toBeInstanceOf(ProcessDiedError);
  });
});

describe("output", () => {
  test("a flood is drained, and only the newest lines are kept", async () => {
    const worker = await launch(workerOptions(["floods-stdout", "200000"], { ready: listens, logLines: 100 }));
    expect(worker.logs.lines).toHaveLength(100);
    expect(worker.logs.droppedCount).toBe(200_002 - 100);
    expect(worker.logs.lines.at(-2)?.text).toContain("more characters)");
  });

  test("lines are echoed with a prefix on request", async () => {
    vi.stubEnv("INFERENCE_TESTKIT_LOG", "debug");
    const written: unknown[] = [];
    const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(text) > 0);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      write.mockRestore();
    });
    await failureOf(workerOptions(["exits-at-start", "1"], { name: "my-worker" }));
    expect(written.toSorted()).toEqual(["[my-worker stderr] this is why\n", "[my-worker stdout] about to end\n"]);
  });
});

test("the environment is inherited and extended, and placeholders are filled in", async () => {
  const env = { WHERE: "http://{host}:{port}", ID: "{workerId}", HOME: undefined };
  const ready = { kind: "log", pattern: /^environment/ } as const;
  const worker = await launch(workerOptions(["shows-environment"], { env, ready, workerId: "w1" }));
  const seen = JSON.parse(worker.logs.tail(1)[0]!.slice("environment ".length)) as Record<string, string>;
  expect(seen).toMatchObject({ WHERE: `http://127.0.0.1:${worker.port}`, ID: "w1", PATH: process.env["PATH"] });
  expect(seen).not.toHaveProperty("HOME");
});

test("twenty workers started at the same moment all get their own port", async () => {
  const workers = await Promise.all(
    Array.from({ length: 20 }, () => launch(workerOptions(["ready-line", "{port}", "{workerId}"]))),
  );
  expect(new Set(workers.map((worker) => worker.port)).size).toBe(20);
});

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-launch-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}
