import { parseStubConfig } from "worker-orcd-control";
import { describe, expect, test } from "vitest";
import { environmentName, FLAGS } from "../../src/cli/flags.js";
import { parseFlags, UsageError } from "../../src/cli/parse-flags.js";
import { usage } from "../../src/cli/usage.js";
import { resolveWorkerOptions } from "../../src/cli/worker-options.js";
import { temporaryFile } from "../support/temporary-file.js";

const resolve = (argv: string[], env: NodeJS.ProcessEnv = {}) => resolveWorkerOptions(parseFlags(argv, env));
const STUB = ["--port", "0", "--stub-mode"];

describe("defaults", () => {
  test("of a stub worker", () => {
    expect(resolve(STUB)).toEqual({
      port: 0,
      host: "127.0.0.1",
      allowHosts: [],
      allowOrigins: [],
      workerId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      engine: {
        kind: "stub",
        config: parseStubConfig({}),
      },
      slots: 1,
      batchInvariant: false,
      maxQueue: 64,
      maxTokensOut: 2048,
      contextSize: undefined,
      inferenceTimeoutMs: 300_000,
      callbackUrl: undefined,
      logLevel: "info",
      shutdownGraceMs: 5_000,
    });
  });

  test("of a worker with a model: at least one thread", () => {
    const { engine } = resolve(["--port", "0", "--model", "m.gguf", "--gpu-device", "-1"]);
    expect(engine).toMatchObject({ kind: "llama", modelPath: "m.gguf", gpuDevice: -1 });
    expect((engine as { threads: number }).threads).toBeGreaterThanOrEqual(1);
  });
});

describe("every flag", () => {
  const VALUES: Record<string, string> = {
    port: "4000",
    host: "::1",
    "allow-host": "gpu-7,10.0.0.7",
    "allow-origin": "http://localhost:3000,null",
    "worker-id": "w",
    "stub-config": "{}",
    model: "m.gguf",
    "gpu-device": "-1",
    parallel: "2",
    "max-queue": "0",
    "max-tokens-out": "1",
    "context-size": "8",
    threads: "1",
    "inference-timeout-sec": "0.5",
    "callback-url": "http://localhost:1/x",
    "log-level": "debug",
    "shutdown-grace-sec": "0",
  };

  const settings = Object.keys(FLAGS).filter((name) => name !== "help" && name !== "version");

  test("except --help and --version, which containers often set", () => {
    const env = { WORKER_ORCD_VERSION: "1.2.3", WORKER_ORCD_HELP: "true" };
    expect(parseFlags(STUB, env)).toEqual(parseFlags(STUB, {}));
  });

  test.each(settings)("--%s is also an environment variable, and the flag takes precedence", (name) => {
    const variable = environmentName(name);
    expect(variable).toBe(`WORKER_ORCD_${name.toUpperCase().replaceAll("-", "_")}`);
    const value = VALUES[name];
    const fromFlag = parseFlags(value === undefined ? [`--${name}`] : [`--${name}=${value}`], {});
    expect(parseFlags([], { [variable]: value ?? "true" })).toEqual(fromFlag);
    const flagToo = value === undefined ? [`--${name}`] : [`--${name}`, value];
    const other = value === undefined ? "false" : name === "log-level" ? "warn" : "7";
    expect(parseFlags(flagToo, { [variable]: other })).toEqual(fromFlag);
  });

  test.each(Object.keys(FLAGS))("--%s is in the help", (name) => {
    expect(usage()).toMatch(new RegExp(`^  --${name} .*\\S`, "m"));
  });
});

describe("switches from the environment", () => {
  test.each([
    ["1", true],
    ["true", true],
    ["YES", true],
    ["0", false],
    ["false", false],
    ["No", false],
  ])("%s is %s", (text, expected) => {
    expect(parseFlags([], { WORKER_ORCD_STUB_MODE: text })["stub-mode"]).toBe(expected);
  });

  test("an empty variable is ignored", () => {
    expect(parseFlags([], { WORKER_ORCD_STUB_MODE: "", WORKER_ORCD_PORT: "" })).not.toHaveProperty("port");
  });
});

describe("limits, inclusive", () => {
  test.each<[string, string[], string[]]>([
    ["port", ["0", "1024", "65535"], ["1", "1023", "65536", "-1", "1.5", "http", "0x10", "1e4", " 80", ""]],
    ["parallel", ["1", "16"], ["0", "-1", "1.5", "many", "1000000"]],
    ["max-queue", ["0", "100000"], ["-1", "100001"]],
    ["max-tokens-out", ["1", "2048"], ["0", "2049"]],
    ["context-size", ["8"], ["7"]],
    ["threads", ["1", "512"], ["0", "513"]],
    ["inference-timeout-sec", ["0.001", "86400"], ["0", "86401", "Infinity", "NaN"]],
    ["shutdown-grace-sec", ["0", "0.5", "3600"], ["-0.1", "3601"]],
    ["log-level", ["error", "warn", "info", "debug"], ["verbose", "INFO"]],
    ["callback-url", ["http://h/x", "https://h"], ["ftp://h", "localhost:80", "/x"]],
    ["worker-id", ["w"], [""]],
    [
      "allow-host",
      ["gpu-7", "a.b.example.", "10.0.0.7", "::1", "[::1]", "*", "a,b"],
      ["", "a,", "h:80", "http://h", "a b", "u@h"],
    ],
    [
      "allow-origin",
      ["http://localhost:3000", "https://a.example", "null", "*", "chrome-extension://abc", "http://a,http://b"],
      ["", "localhost:3000", "http://a/", "http://a/b", "a.example", "http://u@a", "http://a,"],
    ],
  ])("--%s", (name, valid, invalid) => {
    const others = name === "port" ? ["--stub-mode"] : STUB;
    for (const value of valid) expect(() => resolve([...others, `--${name}=${value}`]), value).not.toThrow();
    for (const value of invalid) {
      expect(() => resolve([...others, `--${name}=${value}`]), value).toThrow(UsageError);
    }
  });
});

describe("conflicting flags", () => {
  test.each<[string[], string]>([
    [["--stub-mode"], "--port is required; 0 lets the system choose"],
    [["--port", "0"], "either --stub-mode or --model is required"],
    [["--port", "0", "--model", "m"], "--model needs --gpu-device; -1 is the CPU"],
    [[...STUB, "--model", "m"], "--stub-mode and --model exclude each other"],
    [["--port", "0", "--model", "m", "--stub-config", "{}"], "--stub-config needs --stub-mode"],
    [["--port", "80", "--stub-mode"], "Expected --port to be 0 or 1024..65535, got `80`"],
    [[...STUB, "--gpu-device", "-2"], "Expected --gpu-device to be an integer from -1 to 255, got `-2`"],
    [[...STUB, "--log-level", "x"], "Expected --log-level to be one of error, warn, info, debug, got `x`"],
    [
      [...STUB, "--allow-host", "gpu-7:8080"],
      "Expected --allow-host to be a name or an address without a port, or `*`, got `gpu-7:8080`",
    ],
    [
      [...STUB, "--allow-origin", "localhost:3000"],
      "Expected --allow-origin to be an origin like http://localhost:3000, `null` or `*`, got `localhost:3000`",
    ],
    [[...STUB, "--callback-url", "x"], "Expected --callback-url to be an http or https URL, got `x`"],
    [[...STUB, "--stub-config", '{"contents":1}'], "--stub-config: `contents`: "],
    [[...STUB, "--stub-config", "{"], "--stub-config: "],
    [[...STUB, "--stub-config", "/no/such/file"], "--stub-config: ENOENT"],
    [[...STUB, "--unknown"], "--unknown"],
    [[...STUB, "positional"], "positional"],
    [["--port"], "--port"],
    [[...STUB, "--stub-mode=yes"], "--stub-mode"],
  ])("%j", (argv, message) => {
    expect(() => resolve(argv)).toThrow(UsageError);
    expect(() => resolve(argv)).toThrow(message);
  });

  test("a switch in the environment that is neither true nor false", () => {
    expect(() => resolve([], { WORKER_ORCD_STUB_MODE: "maybe" })).toThrow(
      new UsageError("Expected WORKER_ORCD_STUB_MODE to be true or false, got `maybe`"),
    );
  });
});

describe("--stub-config", () => {
  const configOf = (text: string) => resolve([...STUB, "--stub-config", text]).engine;

  test("is JSON", () => {
    expect(configOf(' {"content":"echo"}')).toMatchObject({ config: { content: "echo" } });
  });

  test("is a file", async () => {
    const path = await temporaryFile("stub.json", '{"content":"counter"}');
    expect(configOf(path)).toMatchObject({ config: { content: "counter" } });
  });
});

test("a list may be repeated, separated by commas, or both", () => {
  const given = ["--allow-host", "a, b", "--allow-host=c"];
  expect(resolve([...STUB, ...given]).allowHosts).toEqual(["a", "b", "c"]);
  expect(resolve(STUB, { WORKER_ORCD_ALLOW_HOST: "a,b" }).allowHosts).toEqual(["a", "b"]);
});

test("a negative number does not need an equals sign", () => {
  expect(parseFlags(["--gpu-device", "-1"], {})["gpu-device"]).toBe(-1);
  expect(parseFlags(["--gpu-device=-1"], {})["gpu-device"]).toBe(-1);
});
