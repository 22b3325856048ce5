import { parseArgs } from "node:util";
import { environmentName, FLAGS, type Flag, type FlagName } from "./flags.js";

/** An invalid flag; the worker prints the message and the usage, and exits with code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type FlagValue = string | number | boolean | readonly string[];

/** The flags as given or by default; absent flags without a default are missing. */
export type FlagValues = Partial<Record<FlagName, FlagValue>>;

/** As returned by parseArgs: a list flag may be repeated. */
type RawValue = string | boolean | (string | boolean)[];

/**
 * Reads flags, then environment variables, then defaults.
 *
 * @throws {UsageError} unknown flag, missing argument, wrong type, value out of range.
 */
export function parseFlags(argv: readonly string[], env: NodeJS.ProcessEnv): FlagValues {
  const given = parseCommandLine(argv);
  const values: FlagValues = {};
  for (const [name, flag] of Object.entries(FLAGS) as [FlagName, Flag][]) {
    const raw = given[name] ?? readEnvironment(name, env);
    const value = raw === undefined ? flag.default : convert(name, flag, raw);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function parseCommandLine(argv: readonly string[]): Record<string, RawValue | undefined> {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([name, flag]) => [
      name,
      { type: flag.kind === "switch" ? "boolean" : "string", multiple: flag.kind === "list" } as const,
    ]),
  );
  try {
    return parseArgs({ args: joinNegativeNumbers(argv), options, allowPositionals: false, strict: true }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message.split("\n", 1)[0], { cause });
  }
}

/** People write `--gpu-device -1`, but parseArgs only accepts `--gpu-device=-1`. */
function joinNegativeNumbers(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of argv) {
    const previous = joined.at(-1);
    const belongsToFlag = /^-\d/.test(word) && previous !== undefined && /^--[^=]+$/.test(previous);
    if (belongsToFlag) joined.splice(-1, 1, `${previous}=${word}`);
    else joined.push(word);
  }
  return joined;
}

/**
 * Containers often set `WORKER_ORCD_VERSION=1.2.3`, which is not a request to print the version.
 */
const COMMAND_LINE_ONLY = new Set(["help", "version"]);

function readEnvironment(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (COMMAND_LINE_ONLY.has(name)) return undefined;
  const value = env[environmentName(name)];
  return value === "" ? undefined : value;
}

function convert(name: string, flag: Flag, raw: RawValue): FlagValue {
  if (flag.kind === "list") return toList(name, raw);
  if (flag.kind === "switch") return toSwitch(name, raw as string | boolean);
  if (flag.kind === "text") return toText(name, flag, String(raw));
  return toNumber(name, flag, String(raw));
}

function toSwitch(name: string, raw: string | boolean): boolean {
  if (typeof raw === "boolean") return raw;
  if (/^(1|true|yes)$/i.test(raw)) return true;
  if (/^(0|false|no)$/i.test(raw)) return false;
  throw new UsageError(`Expected ${environmentName(name)} to be true or false, got \`${raw}\``);
}

/** Repeated, or separated by commas. */
function toList(name: string, raw: RawValue): string[] {
  const items = [raw].flat().flatMap((value) => String(value).split(","));
  const list = items.map((item) => item.trim());
  if (list.includes("")) throw new UsageError(`Expected --${name} not to be empty, got \`${String(raw)}\``);
  return list;
}

function toText(name: string, flag: Flag, raw: string): string {
  if (flag.choices !== undefined && !flag.choices.includes(raw)) {
    throw new UsageError(`Expected --${name} to be one of ${flag.choices.join(", ")}, got \`${raw}\``);
  }
  if (raw === "") throw new UsageError(`Expected --${name} not to be empty`);
  return raw;
}

function toNumber(name: string, flag: Flag, raw: string): number {
  const { min = -Infinity, max = Infinity } = flag;
  const value = /^-?\d+(\.\d+)?$/.test(raw) ? Number(raw) : NaN;
  if (value >= min && value <= max && (flag.kind === "number" || Number.isInteger(value))) return value;
  const type = flag.kind === "integer" ? "an integer" : "a number";
  throw new UsageError(`Expected --${name} to be ${type} from ${min} to ${max}, got \`${raw}\``);
}
