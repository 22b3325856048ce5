import { Option as CommanderOption, type Command } from "commander";
import { isTestkitError, reasonOf } from "../errors/index.js";
import type { AnyOption, Option, ResolvedOptionsOf } from "../options/index.js";
import { EXIT_CODES } from "./exit-codes.js";

/** The command-line form of an option. */
interface FlagFacts {
  /** Its syntax: `--requests <n>`, or `--json` for one without a value. */
  readonly flags: string;
  /** Its line in the help. */
  readonly help: string;
  /** The help of its opposite, `--no-<name>`, whose value is `false`. */
  readonly negated?: string | undefined;
  /** Whether it may be given several times; its values are lists, which are joined. */
  readonly isRepeatable?: boolean | undefined;
  /** Flags that exclude it, by their names in the table. */
  readonly conflicts?: readonly string[] | undefined;
  /** Flags of which at least one must be given with it, by their names in the table. */
  readonly needs?: readonly string[] | undefined;
}

/** An option with its place on the command line. */
export type Flag<O extends AnyOption = AnyOption> = O & FlagFacts;

/** The flags of a command. The keys are the names of their values: `maxTokens` for `--max-tokens <n>`. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** The values passed to the action of a command: a checked value per flag; `undefined` if it was not given and has no default. */
export type FlagsOf<T extends FlagTable> = ResolvedOptionsOf<T>;

/**
 * One flag: its syntax, its help text, and the values it takes.
 *
 * @example
 * const FLAGS = { requests: flagOf("--requests <n>", "number of requests", integer([1, 1e9])) };
 */
export function flagOf<O extends AnyOption>(flags: string, help: string, option: O): Flag<O> {
  return { ...option, flags, help };
}

/** A flag that may be given several times: the lists that its values are get joined. */
export function repeatable<F extends Flag<Option<string, readonly unknown[]>>>(flag: F): F {
  return { ...flag, isRepeatable: true };
}

/** Adds the opposite of a flag without a value: `--no-memory`. Without either, the value is `undefined`. @param help of the opposite. */
export function negatable<F extends Flag>(flag: F, help: string): F {
  return { ...flag, negated: help };
}

/** Declares which other flags a flag excludes or requires. */
export function restrict<F extends Flag>(flag: F, facts: Pick<FlagFacts, "conflicts" | "needs">): F {
  return { ...flag, ...facts };
}

/** Adds every flag of a table to a command. An invalid value ends the program with exit code 2 before the command runs. */
export function addFlags(command: Command, table: FlagTable): Command {
  for (const [name, flag] of Object.entries(table)) {
    command.addOption(toCommander(command, name, flag));
    if (flag.negated !== undefined)
      command.addOption(new CommanderOption(flag.flags.replace(/^--/, "--no-"), flag.negated));
  }
  return command.hook("preAction", () => checkNeeds(command, table));
}

function toCommander(command: Command, name: string, flag: Flag): CommanderOption {
  const option = new CommanderOption(flag.flags, flag.help).conflicts([...(flag.conflicts ?? [])]);
  Object.assign(option, { words: flag.choices }); // for the completion of shells
  if (option.attributeName() !== name) throw new Error(`${flag.flags} is called ${name} in its table`);
  if (takesValue(flag)) option.argParser((word, earlier) => joinValues(flag, earlier, readWord(command, flag, word)));
  if ("isRequired" in flag) option.makeOptionMandatory();
  if ("fallback" in flag && takesValue(flag)) option.default(flag.fallback, showDefault(flag.fallback));
  return option;
}

function joinValues({ isRepeatable }: Flag, earlier: unknown, value: unknown): unknown {
  return isRepeatable === true && Array.isArray(earlier) ? [...(earlier as unknown[]), ...(value as unknown[])] : value;
}

function showDefault(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function checkNeeds(command: Command, table: FlagTable): void {
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === "cli";
  for (const [name, flag] of Object.entries(table)) {
    const { needs = [] } = flag;
    if (needs.length === 0 || !isGiven(name) || needs.some(isGiven)) continue;
    const others = needs.map((other) => longName(table[other] ?? { flags: other })).join(" or ");
    fail(command, `Expected \`${longName(flag)}\` together with ${others}`);
  }
}

function longName({ flags }: Pick<FlagFacts, "flags">): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

function fail(command: Command, problem: string): never {
  return command.error(`error: ${problem}`, { exitCode: EXIT_CODES.usage });
}

function takesValue({ flags }: FlagFacts): boolean {
  return flags.includes("<");
}

function readWord(command: Command, flag: Flag, word: string): unknown {
  try {
    return flag.read(longName(flag), flag.parse === undefined ? word : flag.parse(word));
  } catch (error) {
    if (!isTestkitError(error)) throw error;
    return fail(command, reasonOf(error));
  }
}
