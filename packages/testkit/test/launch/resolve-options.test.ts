import { describe, expect, test } from "vitest";
import { isTestkitError } from "../../src/errors/index.js";
import type { LaunchOptions } from "../../src/launch/index.js";
import { resolveLaunchOptions } from "../../src/launch/index.js";

/** Options as they may come from plain JavaScript. */
const resolveLoose = (options: Record<string, unknown>): unknown =>
  resolveLaunchOptions({ command: "worker", ...options });

test("every default is applied", () => {
  const { workerId, cwd, ...rest } = resolveLaunchOptions({ command: "bin/my-worker" });
  expect(workerId).toMatch(/^worker-[0-9a-f]{12}$/);
  expect(cwd).toBe(process.cwd());
  expect(rest).toEqual({
    command: "bin/my-worker",
    args: [],
    env: {},
    checksIdentity: false,
    checksPortOwner: true,
    shutdownExitCodes: [],
    host: "127.0.0.1",
    port: { kind: "reported" },
    ready: { kind: "line" },
    readyTimeoutMs: 30_000,
    stopGraceMs: 5_000,
    logLines: 2_000,
    name: "my-worker",
    shutdownSignal: "SIGTERM",
  });
});

test("a wrapper precedes the command, which still names the worker", () => {
  const options = { command: "bin/my-worker", args: ["--port", "{port}"], wrapper: ["taskset", "-c", "0"] };
  const { command, args, name } = resolveLaunchOptions(options);

  expect([command, ...args]).toEqual(["taskset", "-c", "0", "bin/my-worker", "--port", "{port}"]);
  expect(name).toBe("my-worker");
});

test("two launches get different worker ids", () => {
  const first = resolveLaunchOptions({ command: "worker" });
  expect(resolveLaunchOptions({ command: "worker" }).workerId).not.toBe(first.workerId);
});

test("the identity is checked if the program was given its id", () => {
  expect(resolveLaunchOptions({ command: "w", args: ["--id={workerId}"] }).checksIdentity).toBe(true);
  expect(resolveLaunchOptions({ command: "w", env: { ID: "{workerId}" } }).checksIdentity).toBe(true);
  expect(resolveLaunchOptions({ command: "w", workerId: "w1" }).checksIdentity).toBe(true);
});

test("the port is the given one, else a reserved one for {port}, else the reported one", () => {
  const portOf = (options: Partial<LaunchOptions>) => resolveLaunchOptions({ command: "w", ...options }).port;
  expect(portOf({ port: 8080, args: ["{port}"] })).toEqual({ kind: "given", port: 8080 });
  expect(portOf({ args: ["--port={port}"] })).toEqual({ kind: "reserved" });
  expect(portOf({ env: { PORT: "{port}" }, ready: { kind: "port" } })).toEqual({ kind: "reserved" });
  expect(portOf({})).toEqual({ kind: "reported" });
  expect(portOf({ ready: { kind: "log", pattern: /on (?<port>\d+)/u } })).toEqual({ kind: "reported" });
});

describe("an invalid option is rejected with its value", () => {
  test.each([
    [{ command: "" }, 'Expected `command` to be a string that is not empty, got `""`'],
    [{ command: 5 }, "Expected `command` to be a string, got `5`"],
    [{ args: "--port" }, 'Expected `args` to be an array of strings, got `"--port"`'],
    [{ args: ["a", 1] }, "Expected `args[1]` to be a string, got `1`"],
    [{ args: ["a\0b"] }, 'Expected `args[0]` to be a string without NUL, got `"a\\u0000b"`'],
    [{ wrapper: "nice" }, 'Expected `wrapper` to be an array of strings, got `"nice"`'],
    [{ wrapper: ["nice", 5] }, "Expected `wrapper[1]` to be a string, got `5`"],
    [{ wrapper: [""] }, 'Expected `wrapper[0]` to be a string that is not empty, got `""`'],
    [{ env: ["A"] }, "Expected `env` to be an object, got `[ 'A' ]`"],
    [{ env: { "A=B": "c" } }, 'Expected `env` to be free of names with `=` or NUL, got `"A=B"`'],
    [{ env: { A: 1 } }, "Expected `env.A` to be a string, got `1`"],
    [{ cwd: "" }, 'Expected `cwd` to be a string that is not empty, got `""`'],
    [{ workerId: "" }, 'Expected `workerId` to be a string that is not empty, got `""`'],
    [{ name: null }, "Expected `name` to be a string, got `null`"],
    [{ host: "" }, 'Expected `host` to be a string that is not empty, got `""`'],
    [{ port: 0 }, "Expected `port` to be a whole number from 1 to 65535, got `0`"],
    [{ port: 80.5 }, "Expected `port` to be a whole number from 1 to 65535, got `80.5`"],
    [{ readyTimeoutMs: -1 }, "Expected `readyTimeoutMs` to be a positive number, got `-1`"],
    [{ readyTimeoutMs: NaN }, "Expected `readyTimeoutMs` to be a positive number, got `NaN`"],
    [{ readyTimeoutMs: 3e9 }, "Expected `readyTimeoutMs` to be at most 2147483647 ms, got `3000000000`"],
    [{ stopGraceMs: -1 }, "Expected `stopGraceMs` to be zero or a positive number, got `-1`"],
    [{ stopGraceMs: Infinity }, "Expected `stopGraceMs` to be at most 2147483647 ms, got `Infinity`"],
    [{ logLines: 0 }, "Expected `logLines` to be a whole number from 1 to 1000000, got `0`"],
    [
      { shutdownSignal: "SIGNOPE" },
      'Expected `shutdownSignal` to be the name of a signal, such as SIGTERM, got `"SIGNOPE"`',
    ],
    [{ redyTimeoutMs: 1 }, "got `redyTimeoutMs`; did you mean `readyTimeoutMs`?"],
    [{ ready: { kind: "http", pth: "/up" } }, "Expected `ready` to have options among kind, path, got `pth`"],
    [{ ready: { kind: "line", path: "/up" } }, "Expected `ready` to have options among kind, got `path`"],
    [{ ready: "line" }, 'Expected `ready` to be an object with a `kind`, got `"line"`'],
    [{ ready: { kind: "soon" } }, 'Expected `ready.kind` to be "line", "log", "http" or "port", got `"soon"`'],
    [{ ready: { kind: "log", pattern: "x" } }, 'Expected `ready.pattern` to be a regular expression, got `"x"`'],
    [{ ready: { kind: "http", path: "up" } }, 'Expected `ready.path` to be a path that begins with /, got `"up"`'],
    [
      { ready: { kind: "port" } },
      'Expected `port` to be given, or `{port}` to be used in `args` or `env`, when `ready` is "port", got `undefined`',
    ],
    [
      { ready: { kind: "log", pattern: /up/ } },
      'Expected `port` to be given, or `{port}` to be used in `args` or `env`, when `ready` is "log", got `undefined`',
    ],
  ])("%o", (options, message) => {
    const act = (): unknown => resolveLoose(options);
    expect(act).toThrow(message);
    expect(act).toThrow(expect.toSatisfy((error) => isTestkitError(error, "INVALID_OPTION")) as Error);
  });

  test("options that are not an object", () => {
    expect(() => resolveLaunchOptions("worker" as unknown as LaunchOptions)).toThrow(
      'Expected `options` to be an object, got `"worker"`',
    );
  });
});
