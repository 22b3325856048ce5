import { WorkerError } from "inference-worker-protocol";
import type { StartFaults } from "../faults/index.js";
import { AccessRules } from "../http/index.js";
import { Logger } from "../telemetry/index.js";
import { loadEngine } from "./load-engine.js";
import { parseFlags, UsageError } from "./parse-flags.js";
import { applyMutants, createStubMode, loadMutants } from "./stub-mode.js";
import { usage } from "./usage.js";
import { readVersion } from "./version.js";
import { Worker } from "./worker.js";
import { resolveWorkerOptions, type WorkerOptions } from "./worker-options.js";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
type Signal = keyof typeof SIGNAL_NUMBERS;

/** Runs `worker-orcd`: flags, engine, server, signals, exit code. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const flags = parseFlags(argv, env);
    if (flags.help === true) process.stdout.write(usage());
    else if (flags.version === true) process.stdout.write(`worker-orcd ${readVersion()}\n`);
    else await run(resolveWorkerOptions(flags));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // The reason comes last, so that a bounded log still shows it.
    process.stderr.write(`${usage()}\nworker-orcd: ${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  }
}

async function run(given: WorkerOptions): Promise<void> {
  const logger = new Logger(given.logLevel, (line) => process.stdout.write(line));
  surviveClosedOutput();
  process.on("uncaughtException", (error) => exitFatally(error, logger));
  const mutants = await loadMutants(given);
  const options = applyMutants(given, mutants);
  const access = new AccessRules(options);
  const stub =
    options.engine.kind === "stub"
      ? createStubMode(options.engine.config, options, { mutants, logger, access })
      : undefined;
  let worker: Worker | undefined;
  stopOnSignals(stub?.start, (signal) => {
    if (worker !== undefined) void worker.shutdown(signal);
    else stopBeforeServing(signal, logger);
  });
  const { host, port, workerId: worker_id, slots } = options;
  logger.info("startup", { worker_id, version: readVersion(), pid: process.pid, host, port, slots });
  try {
    await stub?.start.beforeLoading();
    const engine = await loadEngine(options, logger, stub?.control.engine);
    worker = new Worker(options, engine, { logger, stub, access });
    void worker.stopped.then(() => process.exit(0));
    await worker.serve();
  } catch (error) {
    exitFatally(error, logger);
  }
}

/** The reader of the log may go away (EPIPE), which is not a reason to stop serving. */
function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

/** The first signal stops gracefully, the second immediately. */
function stopOnSignals(faults: StartFaults | undefined, stop: (signal: Signal) => void): void {
  let signalled = false;
  const onSignal = (signal: Signal) => {
    if (faults?.ignoresSignal() === true) return;
    if (signalled) process.exit(128 + SIGNAL_NUMBERS[signal]);
    signalled = true;
    stop(signal);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

/** There is nothing to finish yet. Without a handler, process 1 of a container would ignore the signal. */
function stopBeforeServing(reason: Signal, logger: Logger): never {
  logger.info("shutdown", { reason, grace_ms: 0 });
  process.exit(0);
}

function exitFatally(cause: unknown, logger: Logger): never {
  const message = cause instanceof Error ? cause.message : String(cause);
  const error = cause instanceof WorkerError ? cause : new WorkerError("INTERNAL", message, { cause });
  logger.contract("error", { code: error.code, message, hint: error.info.hint, ...error.details });
  process.exit(EXIT_FAILED);
}
