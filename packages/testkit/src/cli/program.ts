import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { EXIT_CODES_HELP } from "./exit-codes.js";
import { guard, type SetExitCode } from "./guard.js";
import { createOutput } from "./output/index.js";
import { parseGpuDevice, parseSeconds, parseSha256 } from "./parse-values.js";
import type { ErrorReportOptions } from "./report-error.js";
import { addRunCommands } from "./runs/commands.js";

const PROGRAM_HELP = `
Examples:
  $ inference-testkit demo
  $ inference-testkit demo --engine stub --json
  $ inference-testkit models pull qwen2.5-0.5b-instruct-q4_k_m
  $ inference-testkit worker -- --port 8080 --stub-mode
  $ inference-testkit profile --stub --rate 20 --duration 30s --out run

Environment:
  INFERENCE_TESTKIT_MODELS   folder of the model files (./models)
  INFERENCE_TESTKIT_CACHE    folder of generated models (the user's cache folder)
  INFERENCE_TESTKIT_COMMAND  program with the flags of worker-orcd, used by demo and profile (the bundled one)
  INFERENCE_TESTKIT_LOG      debug: show what workers print, and stacks of errors
  NO_COLOR                   no colours`;

const WORKER_HELP = `
Everything after -- goes to the worker as it is; before it are the options of this command.
Signals are passed on to the worker, and its exit code is the exit code (128 + n when signal n ended it).

Examples:
  $ inference-testkit worker -- --help
  $ inference-testkit worker -- --port 8080 --stub-mode
  $ inference-testkit worker -- --port 8080 --model model.gguf --gpu-device -1`;

/** The commands, their options and their help. What a command does is loaded when it runs. */
export function createProgram(setExitCode: SetExitCode): Command {
  const program = new Command("inference-testkit")
    .description("Integration tests for LLM inference workers: demo, models, the bundled worker, profiling.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: printUsageError })
    .addHelpText("after", PROGRAM_HELP)
    .addHelpText("afterAll", EXIT_CODES_HELP);
  addDemo(program, setExitCode);
  addModels(program, setExitCode);
  addWorker(program, setExitCode);
  addRunCommands(program, setExitCode);
  return program.helpCommand("help [command]", "print help of a command");
}

function addDemo(program: Command, setExitCode: SetExitCode): void {
  program
    .command("demo")
    .description("start a real worker for each engine, stream tokens, check them, stop it, prove that nothing is left")
    .addOption(
      new Option("--engine <engine>", "which engine to show").choices(["stub", "llama", "both"]).default("both"),
    )
    .option("--gpu-device <n>", "device of the llama engine; -1 is the CPU", parseGpuDevice, -1)
    .option("--json", "print one JSON document instead")
    .option("--debug", "show stacks of errors")
    .action((options: DemoFlags) =>
      guard(options, setExitCode, async () => {
        const { runDemo } = await import("./demo/index.js");
        return runDemo(options);
      }),
    );
}

function addModels(program: Command, setExitCode: SetExitCode): void {
  const models = program.command("models").description("model files for tests");
  models
    .command("list")
    .description("the known models, where they are looked for, and whether they are there")
    .option("--json", "print one JSON document instead")
    .option("--debug", "show stacks of errors")
    .action((options: ErrorReportOptions) =>
      guard(options, setExitCode, async () => {
        const { runModelsList } = await import("./models/index.js");
        return runModelsList(options);
      }),
    );
  models
    .command("pull")
    .description("download a model: resumes what was interrupted, checks it, then puts it in place")
    .argument("<name>", "a name of `models list`; with --url any name, which becomes <name>.gguf")
    .option("--dir <folder>", "where to put it (INFERENCE_TESTKIT_MODELS, else ./models)")
    .option("--url <url>", "download from this http(s) address instead")
    .option("--sha256 <hex>", "the SHA-256 that the file must have", parseSha256)
    .option("--stall-timeout <seconds>", "give up when no data came for so long", parseSeconds, 60)
    .option("--json", "print one JSON document on stdout; the progress stays on stderr")
    .option("--debug", "show stacks of errors")
    .action((name: string, options: PullFlags) =>
      guard(options, setExitCode, async () => {
        const { runModelsPull } = await import("./models/index.js");
        return runModelsPull(name, options);
      }),
    );
}

function addWorker(program: Command, setExitCode: SetExitCode): void {
  program
    .command("worker")
    .description("run the bundled worker, worker-orcd")
    .usage("[options] -- <flags of worker-orcd>")
    .argument("[flags...]", "flags of worker-orcd")
    .passThroughOptions()
    .option("--debug", "show stacks of errors")
    .showHelpAfterError("The flags of the worker go after --, for example: worker -- --port 0 --stub-mode")
    .addHelpText("after", WORKER_HELP)
    .action((flags: string[], options: ErrorReportOptions) =>
      guard(options, setExitCode, async () => {
        const { runWorker } = await import("./worker/index.js");
        return runWorker(flags);
      }),
    );
}

/** It quotes the arguments, which a script may have taken from anywhere. */
function printUsageError(text: string): void {
  const output = createOutput(process.stderr);
  for (const line of text.trimEnd().split("\n")) output.line(line);
}

interface DemoFlags extends ErrorReportOptions {
  readonly engine: "stub" | "llama" | "both";
  readonly gpuDevice: number;
}

interface PullFlags extends ErrorReportOptions {
  readonly dir?: string;
  readonly url?: string;
  readonly sha256?: string;
  readonly stallTimeout: number;
}

function readVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
