import { Command } from "commander";
import { COMMON_FLAGS, DEBUG_FLAG } from "./common-flags.js";
import { define, type SetExitCode } from "./define.js";
import { DEMO_FLAGS } from "./demo/flags.js";
import { EXIT_CODES_HELP } from "./exit-codes.js";
import { PULL_FLAGS } from "./models/flags.js";
import { createOutput } from "../terminal/index.js";
import { readVersion } from "../system/index.js";
import { addCheckCommand } from "./check/commands.js";
import { addEvidenceCommands } from "./evidence/commands.js";
import { addRunCommands } from "./runs/commands.js";

const PROGRAM_HELP = `
Examples:
  $ inference-testkit demo
  $ inference-testkit demo --engine stub --json
  $ inference-testkit engine install
  $ inference-testkit models pull qwen2.5-0.5b-instruct-q4_k_m
  $ inference-testkit worker -- --port 8080 --stub-mode
  $ inference-testkit profile --stub --rate 20 --duration 30s --out run
  $ inference-testkit check --url http://127.0.0.1:8080 --dialect openai-chat
  $ inference-testkit evidence show evidence/says-hello-1a2b3c4d-worker

Environment:
  INFERENCE_TESTKIT_MODELS   folder of the model files (./models)
  INFERENCE_TESTKIT_CACHE    folder of generated models and of the llama engine (the user's cache folder)
  INFERENCE_TESTKIT_COMMAND  program with the flags of worker-orcd, used by demo, profile and check (the bundled one)
  INFERENCE_TESTKIT_LOG      debug: show what workers print, and stacks of errors
  NO_COLOR                   no colors`;

const WORKER_HELP = `
Everything after -- is passed to the worker unchanged; options of this command come before it.
Signals are forwarded to the worker, and its exit code becomes that of this command (128 + n if signal n ended it).

Examples:
  $ inference-testkit worker -- --help
  $ inference-testkit worker -- --port 8080 --stub-mode
  $ inference-testkit worker -- --port 8080 --model model.gguf --gpu-device -1`;

const SERVE_HELP = `
The client writes one JSON object per line to stdin and reads one per line from stdout, in JSON-RPC 2.0; docs/serve.md specifies the methods.
When stdin ends or the client is gone, the engine stops every worker it started and ends. Its log goes to stderr.

Example:
  $ echo '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}}' | inference-testkit serve`;

const ENGINE_HELP = `
The stub engine and all other servers work without it. npm installs it, from the registry that npm is configured for.

Examples:
  $ inference-testkit engine install
  $ inference-testkit engine install cuda`;

const COMPLETION_HELP = `
Put one of these into the start-up file of the shell:
  source <(inference-testkit completion bash)
  source <(inference-testkit completion zsh)
  inference-testkit completion fish | source`;

/** The commands, their options and their help. The code of a command is loaded when it runs. */
export function createProgram(setExitCode: SetExitCode): Command {
  const program = new Command("inference-testkit")
    .description(
      "Integration tests for LLM inference workers: demo, engine, models, the bundled worker, profiling, conformance, evidence.",
    )
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: printUsageError })
    .addHelpText("after", PROGRAM_HELP)
    .addHelpText("afterAll", EXIT_CODES_HELP);
  addDemo(program, setExitCode);
  addModels(program, setExitCode);
  addEngine(program, setExitCode);
  addWorker(program, setExitCode);
  addServe(program, setExitCode);
  addRunCommands(program, setExitCode);
  addCheckCommand(program, setExitCode);
  addEvidenceCommands(program, setExitCode);
  addCompletion(program, setExitCode);
  return program.helpCommand("help [command]", "print help for a command");
}

function addDemo(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("demo")
    .description(
      "start a real worker for each engine, stream tokens, check them, stop it, and verify that nothing is left",
    );
  define(command, {
    flags: DEMO_FLAGS,
    setExitCode,
    work: async (flags) => (await import("./demo/run-demo.js")).runDemo(flags),
  });
}

function addModels(program: Command, setExitCode: SetExitCode): void {
  const models = program.command("models").description("model files for tests");
  const list = models.command("list").description("the known models, their paths, and whether the files exist");
  define(list, {
    flags: COMMON_FLAGS,
    setExitCode,
    work: async (flags) => (await import("./models/list-models.js")).runModelsList(flags),
  });
  const pull = models
    .command("pull")
    .description("download a model: resumes what was interrupted, checks it, then puts it in place")
    .argument("<name>", "a name from `models list`; with --url any name, which becomes <name>.gguf");
  define(pull, {
    flags: PULL_FLAGS,
    setExitCode,
    work: async (flags, [name = ""]) => (await import("./models/pull-model.js")).runModelsPull(name, flags),
  });
}

function addEngine(program: Command, setExitCode: SetExitCode): void {
  const engine = program.command("engine").description("the llama engine of the bundled worker");
  const install = engine
    .command("install")
    .description("install llama.cpp for the bundled worker, into the user's cache folder")
    .argument("[backend]", "cpu, cuda, vulkan or metal (default: metal on a Mac with Apple silicon, else cpu)")
    .addHelpText("after", ENGINE_HELP);
  define(install, {
    flags: COMMON_FLAGS,
    setExitCode,
    work: async (flags, [backend]) => (await import("./engine/install-engine.js")).runEngineInstall(flags, backend),
  });
}

function addWorker(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("worker")
    .description("run the bundled worker, worker-orcd")
    .usage("[options] -- <flags of worker-orcd>")
    .argument("[flags...]", "flags of worker-orcd")
    .passThroughOptions()
    .showHelpAfterError("The flags of the worker go after --, for example: worker -- --port 0 --stub-mode")
    .addHelpText("after", WORKER_HELP);
  define(command, {
    flags: DEBUG_FLAG,
    setExitCode,
    work: async (_, args) => (await import("./run-worker.js")).runWorker(args),
  });
}

function addServe(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("serve")
    .description("run the engine for clients in other languages: JSON-RPC over stdin and stdout")
    .addHelpText("after", SERVE_HELP);
  define(command, {
    flags: DEBUG_FLAG,
    setExitCode,
    work: async () => (await import("../serve/index.js")).serve(),
  });
}

function addCompletion(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("completion")
    .description("print what completes commands and flags in a shell")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", COMPLETION_HELP);
  define(command, {
    flags: DEBUG_FLAG,
    setExitCode,
    work: async (_, [shell = ""]) => (await import("./completion/run-completion.js")).runCompletion(program, shell),
  });
}

/** The message quotes the arguments, which a script may have taken from anywhere. */
function printUsageError(text: string): void {
  const output = createOutput(process.stderr);
  for (const line of text.trimEnd().split("\n")) output.line(line);
}
