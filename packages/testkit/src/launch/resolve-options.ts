import { randomBytes } from "node:crypto";
import { basename, resolve } from "node:path";
import { checkOption, resolveOptions } from "../options/index.js";
import { LAUNCH_OPTIONS, type LaunchOptions, type PortChoice, type ResolvedLaunchOptions } from "./options.js";
import { usesPlaceholder } from "./placeholders.js";
import type { ResolvedReadyCondition } from "./ready-condition.js";

/**
 * Checks launch options and applies the defaults.
 *
 * @throws {INVALID_OPTION} naming the first invalid option and its value.
 * @example resolveLaunchOptions({ command: "my-worker", args: ["--port", "{port}"], ready: { kind: "http" } })
 */
export function resolveLaunchOptions(options: LaunchOptions): ResolvedLaunchOptions {
  const { wrapper, checkPortOwner, port, ...checked } = resolveOptions(LAUNCH_OPTIONS, options);
  const { command, args, env, cwd, ready, workerId, name = basename(command) } = checked;
  const texts = [...args, ...Object.values(env)];
  return {
    ...checked,
    ...wrap(wrapper, command, args),
    cwd: resolve(cwd),
    workerId: workerId ?? `worker-${randomBytes(6).toString("hex")}`,
    checksIdentity: workerId !== undefined || usesPlaceholder("workerId", texts),
    checksPortOwner: checkPortOwner,
    port: choosePort(port, ready, usesPlaceholder("port", texts)),
    name,
  };
}

/** The program that is spawned: the wrapper, if there is one, followed by the command. */
function wrap(wrapper: readonly string[], command: string, args: readonly string[]) {
  const [first, ...rest] = wrapper;
  return first === undefined ? { command, args } : { command: first, args: [...rest, command, ...args] };
}

function choosePort(port: number | undefined, ready: ResolvedReadyCondition, usesPort: boolean): PortChoice {
  if (port !== undefined) return { kind: "given", port };
  if (usesPort) return { kind: "reserved" };
  const isReported = ready.kind === "line" || (ready.kind === "log" && hasPortGroup(ready.pattern));
  const wanted = `given, or \`{port}\` to be used in \`args\` or \`env\`, when \`ready\` is "${ready.kind}"`;
  checkOption(isReported, "port", { wanted, value: port });
  return { kind: "reported" };
}

/** The empty alternative always matches, and the match lists all named groups of the pattern. */
function hasPortGroup(pattern: RegExp): boolean {
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec("")?.groups;
  return groups !== undefined && "port" in groups;
}
