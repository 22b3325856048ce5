import { checkKnownOptions, InvalidOptionError } from "../errors/index.js";
import type { WorkerOptions } from "./worker-options.js";

type NumberName = "parallel" | "maxQueue" | "maxTokensOut" | "contextSize" | "threads";
type DurationName = "inferenceTimeoutMs" | "shutdownGraceMs";

/** The smallest value of each; how large it may be is the worker's business. */
const SMALLEST_COUNTS: Readonly<Record<NumberName, number>> = {
  parallel: 1,
  maxQueue: 0,
  maxTokensOut: 1,
  contextSize: 1,
  threads: 1,
};
const SMALLEST_DURATIONS: Readonly<Record<DurationName, number>> = { inferenceTimeoutMs: 1, shutdownGraceMs: 0 };
const KNOWN_OPTIONS = [
  ...Object.keys(SMALLEST_COUNTS),
  ...Object.keys(SMALLEST_DURATIONS),
  ...([
    "command",
    "args",
    "env",
    "cwd",
    "wrapper",
    "hostFaults",
    "workerId",
    "host",
    "port",
    "name",
    "logLevel",
    "batchInvariant",
  ] satisfies (keyof WorkerOptions)[]),
  ...([
    "readyTimeoutMs",
    "stopGraceMs",
    "shutdownExitCodes",
    "logLines",
    "timeouts",
    "signal",
  ] satisfies (keyof WorkerOptions)[]),
];
const LOG_LEVELS: readonly unknown[] = ["error", "warn", "info", "debug"];

/**
 * Checks the options that become flags, before anything is started.
 *
 * @throws {INVALID_OPTION} naming the first option that does not fit and what it was.
 */
export function validateWorkerOptions(options: WorkerOptions): void {
  checkKnownOptions("options", options, KNOWN_OPTIONS);
  for (const [name, min] of Object.entries(SMALLEST_COUNTS) as [NumberName, number][]) {
    check(Number.isInteger(options[name]), { name, wanted: `a whole number of at least ${min}`, min }, options[name]);
  }
  for (const [name, min] of Object.entries(SMALLEST_DURATIONS) as [DurationName, number][]) {
    check(Number.isFinite(options[name]), { name, wanted: `a number of at least ${min}`, min }, options[name]);
  }
  const { logLevel, batchInvariant } = options;
  check(typeof batchInvariant === "boolean", { name: "batchInvariant", wanted: "true or false" }, batchInvariant);
  const wanted = '"error", "warn", "info" or "debug"';
  check(LOG_LEVELS.includes(logLevel), { name: "logLevel", wanted }, logLevel);
}

/** An option that was left out fits. */
function check(
  isOfType: boolean,
  rule: { readonly name: string; readonly wanted: string; readonly min?: number },
  value: string | number | boolean | undefined,
): void {
  if (value === undefined) return;
  if (isOfType && (rule.min === undefined || (value as number) >= rule.min)) return;
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new InvalidOptionError({ message: `Expected \`${rule.name}\` to be ${rule.wanted}, got \`${shown}\`` });
}
