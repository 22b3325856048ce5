import { REQUEST_LIMITS } from "inference-worker-protocol";
import { LOG_LEVELS } from "../telemetry/index.js";

/** One command-line flag; each is also an environment variable; the flag takes precedence. */
export interface Flag {
  readonly kind: "text" | "list" | "integer" | "number" | "switch";
  /** Shown in the help, e.g. `<n>`. */
  readonly argument?: string;
  readonly help: string;
  readonly default?: string | number;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

/** Every flag of `worker-orcd`, in the order of the help text. */
export const FLAGS = {
  port: { kind: "integer", argument: "<n>", help: "port to listen on; 0 lets the system choose", min: 0, max: 65_535 },
  host: { kind: "text", argument: "<address>", help: "address to listen on", default: "127.0.0.1" },
  "allow-host": {
    kind: "list",
    argument: "<name>",
    help: "also accept requests for this host name or address; `*` for any",
  },
  "allow-origin": {
    kind: "list",
    argument: "<origin>",
    help: "let web pages of this origin use the worker; `*` for any",
  },
  "worker-id": {
    kind: "text",
    argument: "<id>",
    help: "identity in /health and the ready line; default: a random UUID",
  },
  "stub-mode": { kind: "switch", help: "run without a model: deterministic, scriptable" },
  "stub-config": { kind: "text", argument: "<json|file>", help: "configuration of the stub engine" },
  model: { kind: "text", argument: "<file.gguf>", help: "model to load" },
  "gpu-device": { kind: "integer", argument: "<n>", help: "GPU number; -1 is the CPU", min: -1, max: 255 },
  parallel: {
    kind: "integer",
    argument: "<slots>",
    help: "number of concurrent jobs",
    default: 1,
    min: 1,
    max: 4_096,
  },
  "batch-invariant": {
    kind: "switch",
    help: "one context per slot: outputs do not depend on other jobs",
  },
  "max-queue": {
    kind: "integer",
    argument: "<n>",
    help: "maximum number of queued jobs",
    default: 64,
    min: 0,
    max: 100_000,
  },
  "max-tokens-out": {
    kind: "integer",
    argument: "<n>",
    help: "upper limit of max_tokens",
    default: REQUEST_LIMITS.maxTokens,
    min: 1,
    max: REQUEST_LIMITS.maxTokens,
  },
  "context-size": {
    kind: "integer",
    argument: "<n>",
    help: "context tokens per slot",
    min: 8,
    max: 16_777_216,
  },
  threads: {
    kind: "integer",
    argument: "<n>",
    help: "CPU threads of the engine; default: half the cores",
    min: 1,
    max: 512,
  },
  "inference-timeout-sec": {
    kind: "number",
    argument: "<s>",
    help: "time-out of one job",
    default: 300,
    min: 0.001,
    max: 86_400,
  },
  "callback-url": { kind: "text", argument: "<url>", help: "POST {worker_id, vram_bytes, uri} there once ready" },
  "log-level": {
    kind: "text",
    argument: "<level>",
    help: "lowest severity to log on stdout",
    default: "info",
    choices: LOG_LEVELS,
  },
  "shutdown-grace-sec": {
    kind: "number",
    argument: "<s>",
    help: "time for running jobs to finish at shutdown",
    default: 5,
    min: 0,
    max: 3_600,
  },
  help: { kind: "switch", help: "print this text" },
  version: { kind: "switch", help: "print the version" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

/** The environment variable for a flag. */
export function environmentName(flag: string): string {
  return `WORKER_ORCD_${flag.toUpperCase().replaceAll("-", "_")}`;
}
