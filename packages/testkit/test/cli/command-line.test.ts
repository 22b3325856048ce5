import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { WORKER_COMMAND_VARIABLE } from "../../src/harness/index.js";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const HELP_COMMANDS = ["", "demo", "models", "models list", "models pull", "worker", "profile", "compare", "report"];

function words(line: string): string[] {
  return line === "" ? [] : line.split(" ");
}

describe("help", () => {
  test.for(HELP_COMMANDS)(
    "inference-testkit %s --help explains the command and the exit codes, and exits with 0",
    async (command) => {
      const { exitCode, stdout, stderr } = await runCli([...words(command), "--help"]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain(["Usage: inference-testkit", ...words(command)].join(" "));
      expect(stdout).toContain("Exit codes: 0 ok, 1 failed, 2 invalid command, option or value,");
    },
  );

  test("help <command> is the same as <command> --help", async () => {
    const [help, option] = await Promise.all([runCli(["help", "demo"]), runCli(["demo", "--help"])]);
    expect(help).toEqual(option);
  });

  test("the help names every environment variable that the program reads", async () => {
    const { stdout } = await runCli(["--help"]);
    const names = ["INFERENCE_TESTKIT_MODELS", "INFERENCE_TESTKIT_CACHE", "INFERENCE_TESTKIT_LOG", "NO_COLOR"];
    for (const name of [...names, WORKER_COMMAND_VARIABLE]) expect(stdout).toContain(`\n  ${name} `);
  });

  test("worker --help explains what -- is for", async () => {
    const { stdout } = await runCli(["worker", "--help"]);
    expect(stdout).toContain("Everything after -- is passed to the worker unchanged");
  });

  test("--version prints the version of the package", async () => {
    const file = new URL("../../package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    expect(await runCli(["--version"])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("invalid usage exits with 2, prints only to stderr, and shows valid usage", () => {
  test.for([
    { line: "demmo", says: "unknown command 'demmo'\n(Did you mean demo?)" },
    { line: "models lst", says: "(Did you mean list?)" },
    { line: "demo --engin stub", says: "unknown option '--engin'\n(Did you mean --engine?)" },
    { line: "demo --engine gpu", says: 'Expected `--engine` to be "stub", "llama" or "both", got `"gpu"`' },
    { line: "demo --gpu-device -2", says: "Expected `--gpu-device` to be a GPU number, or -1 for the CPU, got `-2`" },
    { line: "demo more", says: "too many arguments" },
    { line: "models pull", says: "missing required argument 'name'" },
    { line: "models pull x --sha256 abc", says: "Expected `--sha256` to be 64 hexadecimal digits" },
    { line: "models pull x --stall-timeout 0", says: "Expected `--stall-timeout` to be a number from 0.001 to 86400" },
    { line: "worker --stub-mode", says: "The flags of the worker go after --" },
  ])("$line", async ({ line, says }) => {
    const { exitCode, stdout, stderr } = await runCli(words(line));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(says);
  });

  test.for(["", "models"])("inference-testkit %s without a command prints the help", async (line) => {
    const { exitCode, stderr } = await runCli(words(line));
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Commands:");
  });
});

describe("errors", () => {
  const args = ["models", "pull", "unknown"];

  test("an error of the catalogue is printed as its message, without a stack", async () => {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatchInlineSnapshot(`
      "inference-testkit: [INVALID_OPTION] Expected the name of a model, \`qwen2.5-0.5b-instruct-q4_k_m\`, got \`unknown\`
      hint: With --url any other model can be pulled; its name then becomes the file name, of letters, digits, dots and dashes.
      "
    `);
  });

  test("--debug shows the stack", async () => {
    const { exitCode, stderr } = await runCli([...args, "--debug"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/\[INVALID_OPTION\][^]*\n +at /);
  });

  test("INFERENCE_TESTKIT_LOG=debug also shows the stack", async () => {
    const { stderr } = await runCli(args, { env: { INFERENCE_TESTKIT_LOG: "debug" } });
    expect(stderr).toMatch(/\n +at /);
  });

  test("--json adds a document with code, message, hint and details on stdout", async () => {
    const { stdout, stderr } = await runCli([...args, "--json"]);
    const document = JSON.parse(stdout) as { ok: boolean; error: { code: string; message: string } };
    expect(document).toMatchObject({ ok: false, error: { code: "INVALID_OPTION", details: {} } });
    expect(stderr).toContain(document.error.message);
  });

  test("any other failure exits with 1", async () => {
    const file = `${createTemporaryFolder()}/no-folder`;
    const env = { INFERENCE_TESTKIT_CACHE: `/dev/null/${file}` };
    const { exitCode, stderr } = await runCli(["models", "list"], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("[MODEL_CACHE_FAILED]");
  });
});
