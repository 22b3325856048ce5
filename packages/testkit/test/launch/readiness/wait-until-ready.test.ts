import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { ReadyTimeoutError, WrongIdentityError, type TestkitError } from "../../../src/errors/index.js";
import { launchWorker, resolveLaunchOptions, type LaunchOptions, type ProbeTarget } from "../../../src/launch/index.js";
import { isBindable } from "../../../src/launch/ports/bindable.js";
import { errorOf, isRunning, launch, normalise, workerOptions } from "../helpers.js";

const failureOf = (options: LaunchOptions): Promise<Error> => errorOf(launchWorker(resolveLaunchOptions(options)));
const pidOf = (error: Error): number => (error as Error & Pick<TestkitError, "details">).details["pid"] as number;
const listensLate = { kind: "log", pattern: /Listening on port (?<port>\d+)/ } as const;

async function probeStatus({ host, port, path, signal }: ProbeTarget): Promise<void> {
  const response = await fetch(`http://${host}:${port}${path}`, { signal, headers: { connection: "close" } });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
}

describe("readiness", () => {
  test("the ready line has the bound port", async () => {
    const worker = await launch(workerOptions(["ready-line", "0", "{workerId}"], { workerId: "w1" }));
    expect(worker.readyLine).toMatchObject({ worker_id: "w1", port: worker.port, pid: worker.pid });
    expect(worker.workerId).toBe("w1");
    expect(worker.args.at(-1)).toBe("w1");
    expect(worker.startCount).toBe(1);
    expect(worker.readyAfterMs).toBeGreaterThan(0);
    expect(await isBindable(worker.host, worker.port)).toBe(false);
  });

  test("a program that is not given an id keeps its own", async () => {
    const worker = await launch(workerOptions(["ready-line", "0", "own-name"]));
    expect(worker.workerId).toBe("own-name");
  });

  test("{port} is a reserved port, released by the stop", async () => {
    const worker = await launch(workerOptions(["ready-line", "{port}"]));
    expect(worker.args.at(-1)).toBe(String(worker.port));
    await worker.stop();
    expect(await isBindable("127.0.0.1", worker.port)).toBe(true);
  });

  test("a log line on either output has the port of a program that binds late", async () => {
    const worker = await launch(workerOptions(["binds-late", "0"], { ready: listensLate }));
    expect(worker.logs.text()).toContain(`Listening on port ${worker.port}`);
    expect(worker.readyLine).toBeUndefined();
  });

  test("a log line without a port group suffices for a program with a known port", async () => {
    const ready = { kind: "log", pattern: /Listening/g } as const;
    const worker = await launch(workerOptions(["binds-late", "{port}"], { ready }));
    expect(worker.logs.text()).toContain(`Listening on port ${worker.port}`);
  });

  test("a program that binds late is ready once its port accepts", async () => {
    const worker = await launch(workerOptions(["binds-late", "{port}"], { ready: { kind: "port" } }));
    expect(await isBindable("127.0.0.1", worker.port)).toBe(false);
  });

  test("the probe is repeated until it resolves", async () => {
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

  test("a probe that never answers is abandoned after a second and repeated", async () => {
    let askedCount = 0;
    const probe = ({ signal }: ProbeTarget): Promise<void> =>
      new Promise((resolve, reject) => {
        askedCount += 1;
        if (askedCount === 2) resolve();
        signal.addEventListener("abort", () => reject(new Error("gave up")));
      });
    await launch(workerOptions(["ready-line", "{port}"], { ready: { kind: "http" } }), { probe });
    expect(askedCount).toBe(2);
  });

  test("a start over HTTP without a probe is rejected and leaves nothing", async () => {
    const error = await failureOf(workerOptions(["healthy-late", "{port}"], { ready: { kind: "http" } }));
    expect(error.message).toContain('Expected `probe` to be a function when `ready` is "http", got `undefined`');
  });
});

describe("a worker that does not become ready in time", () => {
  test("the error names the awaited condition, and the worker is gone", async () => {
    const error = await failureOf(workerOptions(["never-ready"], { readyTimeoutMs: 1_500 }));
    expect(error).toBeInstanceOf(ReadyTimeoutError);
    expect(isRunning(pidOf(error))).toBe(false);
    expect(normalise(error.message)).toMatchInlineSnapshot(`
      "[READY_TIMEOUT] The worker was not ready after <ms> ms: waited for the ready line on stdout
      hint: Look at the worker's last log lines, or raise \`readyTimeoutMs\` (\`--ready-timeout\` on the command line).
        command: <node> <workers>/never-ready.mjs
        pid: <pid>
        waitedMs: <ms>
      last 1 log line of the worker:
        | loading for ever"
    `);
  });

  test("one that ignores SIGTERM is killed after the grace period", async () => {
    const options = { readyTimeoutMs: 1_000, stopGraceMs: 50 };
    const error = await failureOf(workerOptions(["never-ready-ignores-sigterm"], options));
    expect(isRunning(pidOf(error))).toBe(false);
  });

  test("the last problem of the probe is in the message", async () => {
    const options = workerOptions(["never-ready", "{port}"], { readyTimeoutMs: 500, ready: { kind: "http" } });
    const probe = (): Promise<void> => Promise.reject(new Error("status 503"));
    const error = await errorOf(launchWorker(resolveLaunchOptions(options), { probe }));
    expect(error.message).toMatch(/waited for status 200 from http:\/\/127\.0\.0\.1:\d+\/health/);
    expect(error.message).toContain("lastProblem: status 503");
  });

  test("a matching line without a usable port is named", async () => {
    const ready = { kind: "log", pattern: /loading (?<port>.*)/ } as const;
    const error = await failureOf(workerOptions(["never-ready"], { readyTimeoutMs: 1_000, ready }));
    expect(error.message).toContain("waited for a log line that matches /loading (?<port>.*)/");
    expect(error.message).toContain("lastProblem: a line matched, but has no port: loading for ever");
  });

  test("the awaited port is named", async () => {
    const error = await failureOf(
      workerOptions(["never-ready", "{port}"], { readyTimeoutMs: 300, ready: { kind: "port" } }),
    );
    expect(normalise(error.message)).toContain("waited for a TCP connection to 127.0.0.1:<port>");
    expect(error.message).toContain("lastProblem: connect ECONNREFUSED");
  });
});

describe("identity", () => {
  test("a ready line with a different id is an error, and the worker is stopped", async () => {
    const error = await failureOf(workerOptions(["wrong-identity"], { workerId: "w1" }));
    expect(error).toBeInstanceOf(WrongIdentityError);
    expect(isRunning(pidOf(error))).toBe(false);
    expect(normalise(error.message)).toMatchInlineSnapshot(`
      "[WRONG_IDENTITY] The ready line names worker "a-stranger", but "w1" was started
      hint: Does the program report the worker id it was given? Is \`{workerId}\` in its arguments or environment?
        expected: w1
        got: a-stranger
        pid: <pid>
        readyLine: {"event":"ready","worker_id":"a-stranger","host":"127.0.0.1","port":4321,pid: <pid>,"model":"none","device":"none"}"
    `);
  });

  test("a probe answered by another process aborts the start", async () => {
    const stranger = new WrongIdentityError({ message: "another process answered" });
    const options = workerOptions(["healthy-late", "{port}"], { ready: { kind: "http" } });
    const probe = (): Promise<void> => Promise.reject(stranger);
    expect(await errorOf(launchWorker(resolveLaunchOptions(options), { probe }))).toBe(stranger);
  });

  test("a given port that is already in use is rejected before the start", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(workerOptions(["binds-late", "{port}"], { port, ready: { kind: "port" } }));
    expect(error.message.replaceAll(String(port), "<port>")).toMatchInlineSnapshot(`
      "[PORT_UNAVAILABLE] Port <port> on 127.0.0.1 cannot be bound: another process may be listening there
      hint: Use another \`port\`, or leave it out and write \`{port}\` in \`args\`.
        host: 127.0.0.1
        port: <port>"
    `);
    await new Promise((resolve) => server.close(resolve));
  });
});
