import { existsSync } from "node:fs";
import type { ServerSource } from "../../conformance/server/server-source.js";
import type { StartChange } from "../../conformance/server/start-change.js";
import { InvalidOptionError } from "../../errors/index.js";
import { WorkerTestHarness } from "../../harness/index.js";
import type { StubConfigInput } from "worker-orcd-control";
import type { CommandLine } from "../runs/split-command.js";
import { attachServer, launchCommand } from "../runs/start-worker.js";
import type { CheckFlags } from "./flags.js";

/** Jobs that the stub runs at the same time. */
const STUB_SLOTS = 4;
/** Does what the prompts of the suite ask for, slowly enough to see a stream as one. */
const STUB: StubConfigInput = { content: "instructions", timing: { ttftMs: 4, itlMs: 2 } };

/** @throws {INVALID_OPTION} the flags do not select a server. */
export function checkNamesServer({ url, command, stub }: CheckFlags): void {
  if (url !== undefined || command !== undefined || stub === true) return;
  throw new InvalidOptionError({
    message: "Expected one of --url, --command and --stub, to know which server to check",
    hint: "`inference-testkit check --list` prints the checks.",
  });
}

/** Starts, or attaches to, the selected server. @throws whatever attaching throws. */
export async function chooseServer(flags: CheckFlags, signal: AbortSignal): Promise<ServerSource> {
  const { url, command } = flags;
  if (url !== undefined) return { kind: "running", harness: await attachServer(url, flags, signal) };
  if (command !== undefined) {
    return chooseCommand(command, flags);
  }
  const stub = { ...STUB, ...flags.stubConfig };
  return {
    kind: "started",
    command: "worker-orcd --stub-mode",
    start: (own, { env, port, readyTimeoutMs = flags.readyTimeout } = {}) =>
      WorkerTestHarness.startMock({ stub, parallel: STUB_SLOTS, signal: own, env, port, readyTimeoutMs }),
    changes: ["env", "port"],
  };
}

const MODEL_FILE = /\.(gguf|safetensors|bin|onnx)$/i;

function chooseCommand(command: CommandLine, flags: CheckFlags): ServerSource {
  const { words, line } = command;
  const modelFile = words.find((word) => MODEL_FILE.test(word) && existsSync(word));
  const hasPort = words.some((word) => word.includes("{port}"));
  return {
    kind: "started",
    command: line,
    modelFile,
    changes: ["env", ...(hasPort ? ["port" as const] : []), ...(modelFile === undefined ? [] : ["modelFile" as const])],
    start: (own, change = {}) => {
      const { env, readyTimeoutMs = flags.readyTimeout } = change;
      return launchCommand(changeWords(command, change, modelFile), { ...flags, env, readyTimeoutMs }, own);
    },
  };
}

function changeWords(command: CommandLine, change: StartChange, modelFile: string | undefined): CommandLine {
  const { port, modelFile: other } = change;
  const [program, ...args] = command.words;
  const changed = args
    .map((word) => (port === undefined ? word : word.replaceAll("{port}", String(port))))
    .map((word) => (other !== undefined && word === modelFile ? other : word));
  return { ...command, words: [program, ...changed] };
}
