import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { findBareHost, findOrigin } from "../http/index.js";
import { parseStubConfig, type StubConfig } from "../engine/stub/index.js";
import type { LogLevel } from "../telemetry/index.js";
import { UsageError, type FlagValues } from "./parse-flags.js";

/** Which engine to load. */
export type EngineChoice =
  | { readonly kind: "stub"; readonly config: StubConfig }
  | { readonly kind: "llama"; readonly modelPath: string; readonly gpuDevice: number; readonly threads: number };

/** The validated options of `worker-orcd`. */
export interface WorkerOptions {
  readonly port: number;
  readonly host: string;
  /** Allowed hosts besides those of the listener, or `*`. */
  readonly allowHosts: readonly string[];
  /** Origins of web pages that may use the worker, or `*`. */
  readonly allowOrigins: readonly string[];
  readonly workerId: string;
  readonly engine: EngineChoice;
  readonly slots: number;
  /** Outputs must not depend on other slots; the stub's never do. */
  readonly batchInvariant: boolean;
  readonly maxQueue: number;
  readonly maxTokensOut: number;
  readonly contextSize: number | undefined;
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

function resolveEngine(flags: FlagValues): EngineChoice {
  const { model, "gpu-device": gpuDevice, "stub-config": stubConfig } = flags;
  if (flags["stub-mode"] === true) {
    if (model !== undefined) throw new UsageError("--stub-mode and --model exclude each other");
    return { kind: "stub", config: readStubConfig((stubConfig as string | undefined) ?? "{}") };
  }
  if (stubConfig !== undefined) throw new UsageError("--stub-config needs --stub-mode");
  if (model === undefined) throw new UsageError("either --stub-mode or --model is required");
  if (gpuDevice === undefined) throw new UsageError("--model needs --gpu-device; -1 is the CPU");
  const threads = (flags.threads as number | undefined) ?? Math.max(1, Math.floor(availableParallelism() / 2));
  return { kind: "llama", modelPath: model as string, gpuDevice: gpuDevice as number, threads };
}

function readStubConfig(jsonOrFile: string): StubConfig {
  try {
    const text = jsonOrFile.trimStart().startsWith("{") ? jsonOrFile : readFileSync(jsonOrFile, "utf8");
    return parseStubConfig(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`--stub-config: ${(cause as Error).message}`, { cause });
  }
}

function resolveCallbackUrl(url: string | undefined): string | undefined {
  if (url === undefined || /^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) return url;
  throw new UsageError(`Expected --callback-url to be an http or https URL, got \`${url}\``);
}
