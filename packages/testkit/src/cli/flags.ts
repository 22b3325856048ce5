import { Option as CommanderOption, type Command } from "commander";
import { isTestkitError } from "../errors/index.js";
import type { AnyOption, ResolvedOptionsOf } from "../options/index.js";
import { EXIT_CODES } from "./exit-codes.js";

/** What an option is on a command line. */
interface FlagFacts {
  /** As it is written: `--requests <n>`, or `--json` for one without a value. */
  readonly flags: string;
  /** Its line of the help. */
  readonly help: string;
  /** Flags that exclude it, by their names in the table. */
  readonly conflicts?: readonly string[] | undefined;
}

/** An option with its place on the command line. */
export type Flag<O extends AnyOption = AnyOption> = O & FlagFacts;

/** The flags of a command. The keys are the names of their values: `maxTokens` for `--max-tokens <n>`. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** What the action of a command gets: a checked value for each flag; `undefined` if it was not given and has no default. */
export type FlagsOf<T extends FlagTable> = ResolvedOptionsOf<T>;

/**
 * One flag: how it is written, what the help says, what it takes.
 *
 * @example
 * const FLAGS = { requests: flagOf("--requests <n>", "number of requests", integer([1, 1e9])) };
 */
export function flagOf<O extends AnyOption>(
  flags: string,
  help: string,
  option: O,
  { conflicts }: Pick<FlagFacts, "conflicts"> = {},
): Flag<O> {
  return { ...option, flags, help, conflicts };
}

/** Adds every flag of a table to a command. A value that does not fit ends the program with exit code 2 before the command runs. */
export function addFlags(command: Command, table: FlagTable): Command {
  for (const flag of Object.values(table)) command.addOption(toCommander(command, flag));
  return command;
}

function toCommander(command: Command, flag: Flag): CommanderOption {
  const option = new CommanderOption(flag.flags, flag.help).conflicts([...(flag.conflicts ?? [])]);
  if (takesValue(flag)) option.argParser((word) => readWord(command, flag, word));
  if ("isRequired" in flag) option.makeOptionMandatory();
  if ("fallback" in flag) option.default(flag.fallback, String(flag.fallback));
  return option;
}

function takesValue({ flags }: FlagFacts): boolean {
  return flags.includes("<");
}

function readWord(command: Command, flag: Flag, word: string): unknown {
  const [name = flag.flags] = /--[\w-]+/.exec(flag.flags) ?? [];
  try {
    return flag.read(name, flag.parse === undefined ? word : flag.parse(word));
  } catch (error) {
    if (!isTestkitError(error)) throw error;
    return command.error(`error: ${describeProblem(error.message)}`, { exitCode: EXIT_CODES.usage });
  }
}

/** Of the error's message only what is wrong: the code and the hint say nothing more about a flag. */
function describeProblem(message: string): string {
  const [first = message] = message.split("\n", 1);
  return first.replace(/^\[\w+\] /, "");
}
