import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import { basename, resolve } from "node:path";
import {
  checkFilledText,
  checkInteger,
  checkDuration,
  checkOption,
  checkPositive,
  checkText,
} from "../errors/index.js";
import type { LaunchOptions, PortChoice, ReadyCondition, ResolvedLaunchOptions } from "./options.js";
import { usesPlaceholder } from "./placeholders.js";

const DEFAULTS = {
  host: "127.0.0.1",
  ready: { kind: "line" },
  readyTimeoutMs: 30_000,
  stopGraceMs: 5_000,
  logLines: 2_000,
  shutdownSignal: "SIGTERM",
} as const;

const MOST_LOG_LINES = 1_000_000;
const HIGHEST_EXIT_CODE = 255;
const READY_KINDS: readonly unknown[] = ["line", "log", "http", "port"];

/**
 * The one door for launch options: checks every value and applies the defaults.
 *
 * @throws {INVALID_OPTION} naming the first option that does not fit and what it was.
 * @example resolveLaunchOptions({ command: "my-worker", args: ["--port", "{port}"], ready: { kind: "http" } })
 */
export function resolveLaunchOptions(options: LaunchOptions): ResolvedLaunchOptions {
  checkOption(isRecord(options), "options", { wanted: "an object", value: options });
  const args = options.args ?? [];
  const wrapper = options.wrapper ?? [];
  const env = options.env ?? {};
  checkProgram({ ...options, args, env, wrapper });
  const ready = resolveReady(options.ready ?? DEFAULTS.ready);
  const checksPortOwner = options.checkPortOwner ?? true;
  checkOption(typeof checksPortOwner === "boolean", "checkPortOwner", {
    wanted: "true or false",
    value: checksPortOwner,
  });
  const texts = [...args, ...Object.values(env)];
  return {
    ...wrap(wrapper, options.command, args),
    env: { ...env },
    cwd: resolve(options.cwd ?? "."),
    workerId: options.workerId ?? `worker-${randomBytes(6).toString("hex")}`,
    checksIdentity: options.workerId !== undefined || usesPlaceholder("workerId", texts),
    checksPortOwner,
    port: resolvePortChoice(options.port, ready, usesPlaceholder("port", texts)),
    ready,
    name: options.name ?? basename(options.command),
    ...resolveLimits(options),
  };
}

/** The program that is spawned: the wrapper, if there is one, followed by the command. */
function wrap(wrapper: readonly string[], command: string, args: readonly string[]) {
  const [first, ...rest] = wrapper;
  return first === undefined ? { command, args: [...args] } : { command: first, args: [...rest, command, ...args] };
}

interface Program extends LaunchOptions {
  readonly args: readonly string[];
  readonly wrapper: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

function checkProgram(options: Program): void {
  const { args, env, wrapper, cwd, workerId, name } = options;
  checkFilledText("command", options.command);
  checkOption(Array.isArray(args), "args", { wanted: "an array of strings", value: args });
  args.forEach((arg, index) => checkText(`args[${index}]`, arg));
  checkOption(Array.isArray(wrapper), "wrapper", { wanted: "an array of strings", value: wrapper });
  wrapper.forEach((word, index) => checkText(`wrapper[${index}]`, word));
  if (wrapper.length > 0) checkFilledText("wrapper[0]", wrapper[0]);
  checkOption(isRecord(env), "env", { wanted: "an object", value: env });
  for (const [key, value] of Object.entries(env)) {
    checkOption(key !== "" && !/[=\0]/.test(key), "env", { wanted: "free of names with `=` or NUL", value: key });
    if (value !== undefined) checkText(`env.${key}`, value);
  }
  if (cwd !== undefined) checkFilledText("cwd", cwd);
  if (workerId !== undefined) checkFilledText("workerId", workerId);
  if (name !== undefined) checkFilledText("name", name);
}

function resolveLimits(options: LaunchOptions) {
  const host = options.host ?? DEFAULTS.host;
  const readyTimeoutMs = options.readyTimeoutMs ?? DEFAULTS.readyTimeoutMs;
  const stopGraceMs = options.stopGraceMs ?? DEFAULTS.stopGraceMs;
  const logLines = options.logLines ?? DEFAULTS.logLines;
  const shutdownSignal = options.shutdownSignal ?? DEFAULTS.shutdownSignal;
  checkFilledText("host", host);
  checkPositive("readyTimeoutMs", readyTimeoutMs);
  checkDuration("stopGraceMs", stopGraceMs);
  checkInteger("logLines", logLines, [1, MOST_LOG_LINES]);
  const isSignal = Object.hasOwn(constants.signals, shutdownSignal);
  checkOption(isSignal, "shutdownSignal", { wanted: "the name of a signal", value: shutdownSignal });
  const shutdownExitCodes = resolveExitCodes(options.shutdownExitCodes ?? []);
  return { host, readyTimeoutMs, stopGraceMs, logLines, shutdownSignal, shutdownExitCodes };
}

function resolveExitCodes(codes: readonly number[]): readonly number[] {
  const isArray: boolean = Array.isArray(codes);
  checkOption(isArray, "shutdownExitCodes", { wanted: "an array of exit codes", value: codes });
  codes.forEach((code, index) => checkInteger(`shutdownExitCodes[${index}]`, code, [0, HIGHEST_EXIT_CODE]));
  return [...codes];
}

function resolveReady(ready: ReadyCondition): ReadyCondition {
  checkOption(isRecord(ready), "ready", { wanted: "an object with a `kind`", value: ready });
  const { kind } = ready;
  checkOption(READY_KINDS.includes(kind), "ready.kind", { wanted: '"line", "log", "http" or "port"', value: kind });
  if (ready.kind === "log") {
    const { pattern } = ready;
    checkOption(pattern instanceof RegExp, "ready.pattern", { wanted: "a regular expression", value: pattern });
  }
  if (ready.kind === "http" && ready.path !== undefined) {
    checkText("ready.path", ready.path);
    checkOption(ready.path.startsWith("/"), "ready.path", { wanted: "a path that begins with /", value: ready.path });
  }
  return ready;
}

function resolvePortChoice(port: number | undefined, ready: ReadyCondition, usesPort: boolean): PortChoice {
  if (port !== undefined) {
    checkInteger("port", port, [1, 65_535]);
    return { kind: "given", port };
  }
  if (usesPort) return { kind: "reserved" };
  const isReported = ready.kind === "line" || (ready.kind === "log" && hasPortGroup(ready.pattern));
  const wanted = `given, or \`{port}\` to be used in \`args\` or \`env\`, when \`ready\` is "${ready.kind}"`;
  checkOption(isReported, "port", { wanted, value: port });
  return { kind: "reported" };
}

/** The empty alternative always matches, and a match lists all named groups of the pattern. */
function hasPortGroup(pattern: RegExp): boolean {
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec("")?.groups;
  return groups !== undefined && "port" in groups;
}

/** Options may come from plain JavaScript: the declared type proves nothing. */
function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
