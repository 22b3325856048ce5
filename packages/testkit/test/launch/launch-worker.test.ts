import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ProcessDiedError, ReadyTimeoutError, WrongIdentityError } from "../../src/errors/index.js";
import { launchWorker, resolveLaunchOptions, type LaunchOptions, type ProbeTarget } from "../../src/launch/index.js";
import { isBindable } from "../../src/launch/ports/index.js";
import { errorOf, isRunning, launch, normalise, waitUntil, workerOptions } from "./helpers.js";

const failureOf = (options: LaunchOptions): Promise<Error> => errorOf(launchWorker(resolveLaunchOptions(options)));
const pidOf = (error: Error): number => (error as ProcessDiedError).details["pid"] as number;
const listensLate = { kind: "log", pattern: /Listening on port (?<port>\d+)/ } as const;
const listens = { kind: "log", pattern: /listening on port (?<port>\d+)/ } as const;

async function probeStatus({ host, port, path, signal }: ProbeTarget): Promise<void> {
  const response = await fetch(`http://${host}:${port}${path}`, { signal, headers: { connection: "close" } });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
}

describe("readiness", () => {
  test("the ready line hands the bound port over", async () => {
    const worker = await launch(workerOptions(["ready-line", "0", "{workerId}"], { workerId: "w1" }));
    expect(worker.readyLine).toMatchObject({ worker_id: "w1", port: worker.port, pid: worker.pid });
    expect(worker.workerId).toBe("w1");
    expect(worker.args.at(-1)).toBe("w1");
    expect(worker.startCount).toBe(1);
    expect(worker.readyAfterMs).toBeGreaterThan(0);
    expect(await isBindable(worker.host, worker.port)).toBe(false);
  });

  test("a program that is not told an id keeps its own", async () => {
    const worker = await launch(workerOptions(["ready-line", "0", "own-name"]));
    expect(worker.workerId).toBe("own-name");
  });

  test("{port} is a reserved port, given back at the stop", async () => {
    const worker = await launch(workerOptions(["ready-line", "{port}"]));
    expect(worker.args.at(-1)).toBe(String(worker.port));
    await worker.stop();
    expect(await isBindable("127.0.0.1", worker.port)).toBe(true);
  });

  test("a log line of either output says the port of a program that binds late", async () => {
    const worker = await launch(workerOptions(["binds-late", "0"], { ready: listensLate }));
    expect(worker.logs.text()).toContain(`Listening on port ${worker.port}`);
    expect(worker.readyLine).toBeUndefined();
  });

  test("a log line without a port group makes a program with a known port ready", async () => {
    const ready = { kind: "log", pattern: /Listening/g } as const;
    const worker = await launch(workerOptions(["binds-late", "{port}"], { ready }));
    expect(worker.logs.text()).toContain(`Listening on port ${worker.port}`);
  });

  test("a port that accepts makes a program ready that binds late", async () => {
    const worker = await launch(workerOptions(["binds-late", "{port}"], { ready: { kind: "port" } }));
    expect(await isBindable("127.0.0.1", worker.port)).toBe(false);
  });

  test("the probe is asked until it resolves", async () => {
    const problems: string[] = [];
    const probe = async (target: ProbeTarget): Promise<void> => {
      expect(target).toMatchObject({ path: "/up", workerId: "w1", host: "127.0.0.1" });
      await probeStatus(target).catch((error: unknown) => {
        problems.push((error as Error).message);
        throw error;
      });
    };
    const ready = { kind: "http", path: "/up" } as const;
    await launch(workerOptions(["healthy-late", "{port}", "{workerId}"], { ready, workerId: "w1" }), { probe });
    expect(problems.filter((problem) => problem === "status 503")).toHaveLength(3);
  });

  test("a probe that never answers is given up after a second and asked again", async () => {
    let askedCount = 0;
    const probe = ({ signal }: ProbeTarget): Promise<void> =>
      new Promise((resolve, reject) => {
        askedCount += 1;
        if (askedCount === 2) resolve();
        signal.addEventListener("abort", () => reject(new Error("gave up")));
      });
    await launch(workerOptions(["never-ready"], { ready: { kind: "http" }, port: await findQuietPort() }), { probe });
    expect(askedCount).toBe(2);
  });

  test("a start over http without a probe is refused and leaves nothing", async () => {
    const error = await failureOf(workerOptions(["healthy-late", "{port}"], { ready: { kind: "http" } }));
    expect(error.message).toContain('Expected `probe` to be a function when `ready` is "http", got `undefined`');
  });
});

describe("a worker that dies before it is ready", () => {
  test.each([0, 3])("exit code %i", async (code) => {
    const error = await failureOf(workerOptions(["exits-at-start", String(code)]));
    expect(error).toBeInstanceOf(ProcessDiedError);
    expect(error).toMatchObject({ details: { exit: { kind: "exited", code } } });
    expect((error as ProcessDiedError).logTail.toSorted()).toEqual(["about to end", "this is why"]);
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

  test("a child that it leaves behind and that holds the output is killed, and does not delay the error", async () => {
    const error = await failureOf(workerOptions(["dies-leaving-child"], { readyTimeoutMs: 20_000 }));
    expect(error).toBeInstanceOf(ProcessDiedError);
    const child = Number(/left (\d+)/.exec(error.message)?.[1]);
    expect(child).toBeGreaterThan(0);
    expect(isRunning(child)).toBe(false);
  });
});

describe("a worker that does not become ready in time", () => {
  test("the error says what was waited for, and the worker is gone", async () => {
    const error = await failureOf(workerOptions(["never-ready"], { readyTimeoutMs: 1_500 }));
    expect(error).toBeInstanceOf(ReadyTimeoutError);
    expect(isRunning(pidOf(error))).toBe(false);
    expect(normalise(error.message)).toMatchInlineSnapshot(`
      "[READY_TIMEOUT] The worker was not ready after <ms> ms: waited for the ready line on stdout
      hint: Look at the worker's last log lines, or raise \`readyTimeoutMs\`.
        command: <node> <workers>/never-ready.mjs
        pid: <pid>
        waitedMs: <ms>
      last 1 log line of the worker:
        | loading for ever"
    `);
  });

  test("one that ignores SIGTERM is killed after the grace", async () => {
    const options = { readyTimeoutMs: 1_000, stopGraceMs: 50 };
    const error = await failureOf(workerOptions(["never-ready-ignores-sigterm"], options));
    expect(isRunning(pidOf(error))).toBe(false);
  });

  test("the last problem of the probe is in the message", async () => {
    const options = workerOptions(["never-ready"], { readyTimeoutMs: 500, ready: { kind: "http" }, args: undefined });
    const withPort = { ...options, ...workerOptions(["never-ready", "{port}"]), ready: { kind: "http" } as const };
    const probe = (): Promise<void> => Promise.reject(new Error("status 503"));
    const error = await errorOf(launchWorker(resolveLaunchOptions({ ...withPort, readyTimeoutMs: 500 }), { probe }));
    expect(error.message).toMatch(/waited for status 200 from http:\/\/127\.0\.0\.1:\d+\/health/);
    expect(error.message).toContain("lastProblem: status 503");
  });

  test("a matching line without a usable port is named", async () => {
    const ready = { kind: "log", pattern: /loading (?<port>.*)/ } as const;
    const error = await failureOf(workerOptions(["never-ready"], { readyTimeoutMs: 1_000, ready }));
    expect(error.message).toContain("waited for a log line that matches /loading (?<port>.*)/");
    expect(error.message).toContain("lastProblem: a line matched, but carries no port: loading for ever");
  });

  test("the port that was waited for is named", async () => {
    const error = await failureOf(
      workerOptions(["never-ready", "{port}"], { readyTimeoutMs: 300, ready: { kind: "port" } }),
    );
    expect(normalise(error.message)).toContain("waited for a TCP connection to 127.0.0.1:<port>");
    expect(error.message).toContain("lastProblem: connect ECONNREFUSED");
  });
});

describe("identity", () => {
  test("a ready line with another id is an error, and the worker is stopped", async () => {
    const error = await failureOf(workerOptions(["wrong-identity"], { workerId: "w1" }));
    expect(error).toBeInstanceOf(WrongIdentityError);
    expect(isRunning(pidOf(error))).toBe(false);
    expect(normalise(error.message)).toMatchInlineSnapshot(`
      "[WRONG_IDENTITY] The ready line names worker "a-stranger", but "w1" was started
      hint: Does the program pass its worker id on? Is \`{workerId}\` in its arguments or environment?
        expected: w1
        got: a-stranger
        pid: <pid>
        readyLine: {"event":"ready","worker_id":"a-stranger","host":"127.0.0.1","port":4321,pid: <pid>,"model":"none","device":"none"}"
    `);
  });

  test("a probe that meets a stranger ends the start", async () => {
    const stranger = new WrongIdentityError({ message: "a stranger answered" });
    const options = workerOptions(["healthy-late", "{port}"], { ready: { kind: "http" } });
    const probe = (): Promise<void> => Promise.reject(stranger);
    expect(await errorOf(launchWorker(resolveLaunchOptions(options), { probe }))).toBe(stranger);
  });

  test("a given port on which somebody listens already is refused before the start", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(workerOptions(["binds-late", "{port}"], { port, ready: { kind: "port" } }));
    expect(error.message.replaceAll(String(port), "<port>")).toMatchInlineSnapshot(`
      "[PORT_UNAVAILABLE] Port <port> on 127.0.0.1 cannot be bound: something else may be listening there
      hint: Use another \`port\`, or leave it out and write \`{port}\` in \`args\`.
        host: 127.0.0.1
        port: <port>"
    `);
    await new Promise((resolve) => server.close(resolve));
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

  test("on a port of our choice repeats the start with another one", async () => {
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

  test("on a port that the caller gave is an error at once", async () => {
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

  test("lines are echoed with a prefix when that is asked for", async () => {
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

test("the environment is inherited, added to, and placeholders are filled", async () => {
  const env = { WHERE: "http://{host}:{port}", ID: "{workerId}", HOME: undefined };
  const ready = { kind: "log", pattern: /^environment/ } as const;
  const worker = await launch(workerOptions(["shows-environment"], { env, ready, workerId: "w1" }));
  const seen = JSON.parse(worker.logs.tail(1)[0]!.slice("environment ".length)) as Record<string, string>;
  expect(seen).toMatchObject({ WHERE: `http://127.0.0.1:${worker.port}`, ID: "w1", PATH: process.env["PATH"] });
  expect(seen).not.toHaveProperty("HOME");
});

test("twenty workers started at the same moment all get a port of their own", async () => {
  const workers = await Promise.all(
    Array.from({ length: 20 }, () => launch(workerOptions(["ready-line", "{port}", "{workerId}"]))),
  );
  expect(new Set(workers.map((worker) => worker.port)).size).toBe(20);
});

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "testkit-launch-"));
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

/** A port on which nobody listens. */
async function findQuietPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
