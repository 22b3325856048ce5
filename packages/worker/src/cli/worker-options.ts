import { randomUUID } from "node:crypto";
import { findBareHost, findOrigin, type ParserOptions } from "../http/index.js";
import type { LogLevel } from "../telemetry/index.js";
import { resolveEngine, type EngineOptions } from "./engines.js";
import { UsageError, type FlagValues } from "./parse-flags.js";

/** The validated options of `worker-orcd`. */
export interface WorkerOptions extends EngineOptions {
  readonly port: number;
  readonly host: string;
  /** Allowed hosts besides those of the listener, or `*`. */
  readonly allowHosts: readonly string[];
  /** Origins of web pages that may use the worker, or `*`. */
  readonly allowOrigins: readonly string[];
  /** No flag sets it; mutants do. */
  readonly parser?: ParserOptions | undefined;
  readonly workerId: string;
  readonly maxQueue: number;
  readonly maxTokensOut: number;
  readonly inferenceTimeoutMs: number;
  readonly callbackUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly shutdownGraceMs: number;
}

/**
 * Applies the rules between flags.
 *
 * @throws {UsageError} a missing or contradictory flag.
 */
export function resolveWorkerOptions(flags: FlagValues): WorkerOptions {
  return {
    port: resolvePort(flags.port),
    host: flags.host as string,
    allowHosts: resolveHosts(flags["allow-host"] as readonly string[] | undefined),
    allowOrigins: resolveOrigins(flags["allow-origin"] as readonly string[] | undefined),
    workerId: (flags["worker-id"] as string | undefined) ?? randomUUID(),
    engine: resolveEngine(flags),
    slots: flags.parallel as number,
    batchInvariant: flags["batch-invariant"] === true,
    maxQueue: flags["max-queue"] as number,
    maxTokensOut: flags["max-tokens-out"] as number,
    contextSize: flags["context-size"] as number | undefined,
    inferenceTimeoutMs: (flags["inference-timeout-sec"] as number) * 1000,
    callbackUrl: resolveCallbackUrl(flags["callback-url"] as string | undefined),
    logLevel: flags["log-level"] as LogLevel,
    shutdownGraceMs: (flags["shutdown-grace-sec"] as number) * 1000,
  };
}

function resolvePort(port: FlagValues["port"]): number {
  if (port === undefined) throw new UsageError("--port is required; 0 lets the system choose");
  if (port !== 0 && (port as number) < 1024)
    throw new UsageError(`Expected --port to be 0 or 1024..65535, got \`${String(port)}\``);
  return port as number;
}

function resolveHosts(hosts: readonly string[] = []): readonly string[] {
  const wrong = hosts.find((host) => host !== "*" && findBareHost(host) === undefined);
  if (wrong === undefined) return hosts;
  throw new UsageError(`Expected --allow-host to be a name or an address without a port, or \`*\`, got \`${wrong}\``);
}

function resolveOrigins(origins: readonly string[] = []): readonly string[] {
  const wrong = origins.find((origin) => origin !== "*" && findOrigin(origin) === undefined);
  if (wrong === undefined) return origins;
  throw new UsageError(
    `Expected --allow-origin to be an origin like http://localhost:3000, \`null\` or \`*\`, got \`${wrong}\``,
  );
}

function resolveCallbackUrl(url: string | undefined): string | undefined {
  if (url === undefined || /^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) return url;
  throw new UsageError(`Expected --callback-url to be an http or https URL, got \`${url}\``);
}
