import type { ServerSource } from "../../conformance/server/server-source.js";
import { InvalidOptionError } from "../../errors/index.js";
import { WorkerTestHarness } from "../../harness/index.js";
import type { StubConfigInput } from "worker-orcd-control";
import { launchCommand } from "../runs/start-worker.js";
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
  const { url, command, dialect, model } = flags;
  if (url !== undefined) {
    return { kind: "running", harness: await WorkerTestHarness.attach(url, { signal, dialect, model }) };
  }
  if (command !== undefined) {
    return { kind: "started", command: command.line, start: (own) => launchCommand(command, flags, own) };
  }
  const stub = { ...STUB, ...flags.stubConfig };
  return {
    kind: "started",
    command: "worker-orcd --stub-mode",
    start: (own) => WorkerTestHarness.startMock({ stub, parallel: STUB_SLOTS, signal: own }),
  };
}
