import { readFileSync } from "node:fs";
import { WorkerError } from "inference-worker-protocol";
import { Logger } from "../telemetry/index.js";
import { loadEngine } from "./load-engine.js";
import { parseFlags, UsageError } from "./parse-flags.js";
import { usage } from "./usage.js";
import { Worker } from "./worker.js";
import { resolveWorkerOptions, type WorkerOptions } from "./worker-options.js";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/** Runs `worker-orcd`: flags, engine, server, signals, exit code. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const flags = parseFlags(argv, env);
    if (flags.help === true) process.stdout.write(usage());
    else if (flags.version === true) process.stdout.write(`worker-orcd ${readVersion()}\n`);
    else await run(resolveWorkerOptions(flags));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`worker-orcd: ${error.message}\n\n${usage()}`);
    process.exitCode = EXIT_USAGE;
  }
}

async function run(options: WorkerOptions): Promise<void> {
  const logger = new Logger(options.logLevel, (line) => process.stdout.write(line));
  // Until the worker serves, a signal simply ends it.
  const exitBySignal = (signal: keyof typeof SIGNAL_NUMBERS) => process.exit(128 + SIGNAL_NUMBERS[signal]);
  const { host, port, workerId: worker_id, slots } = options;
  logger.info("startup", { worker_id, version: readVersion(), pid: process.pid, host, port, slots });
  try {
    const worker = new Worker(options, await loadEngine(options, logger), logger);
    stopOnSignals(worker, exitBySignal);
    await worker.serve();
  } catch (error) {
    reportFatal(error, logger);
    process.exit(EXIT_FAILED);
  }
}

/** The first signal stops gracefully, the second one at once. */
function stopOnSignals(worker: Worker, exitBySignal: (signal: keyof typeof SIGNAL_NUMBERS) => void): void {
  let stopping = false;
  const onSignal = (signal: keyof typeof SIGNAL_NUMBERS) => {
    if (stopping) exitBySignal(signal);
    stopping = true;
    void worker.shutdown(signal).finally(() => process.exit(0));
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

function reportFatal(error: unknown, logger: Logger): void {
  const known =
    error instanceof WorkerError ? error : new WorkerError("INTERNAL", (error as Error).message, { cause: error });
  logger.contract("error", { code: known.code, message: known.message, hint: known.info.hint, ...known.details });
}

function readVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
