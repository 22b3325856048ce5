import type { Command, Option } from "commander";

/** What can follow a command. */
export interface CommandFacts {
  /** The words that lead to it: none for the program itself, `["models", "pull"]`. */
  readonly path: readonly string[];
  readonly commands: readonly Word[];
  readonly flags: readonly FlagFacts[];
  /** Whether it is given files. */
  readonly takesFiles: boolean;
}

/** A word and what it means, in one line. */
export interface Word {
  readonly name: string;
  readonly help: string;
}

/** A flag, by its long name. */
export interface FlagFacts extends Word {
  /** What its value is; undefined if it has none. */
  readonly value: "file" | "word" | undefined;
  /** The values to choose from; none if there is no list of them. */
  readonly choices: readonly string[];
}

/** Names of values that are files. */
const FILE = /file|folder|path|baseline|current/;

/** How the scripts write a path: `/models/pull`; empty for the program itself. */
export function slashed({ path }: Pick<CommandFacts, "path">): string {
  return path.map((word) => `/${word}`).join("");
}

/** Every path but that of the program itself. */
export function listPaths(commands: readonly CommandFacts[]): readonly string[] {
  return commands.map(slashed).filter((path) => path !== "");
}

/** The program and all commands below it. */
export function listCommands(program: Command, path: readonly string[] = []): readonly CommandFacts[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const facts = {
    path,
    commands: commands.map((command) => ({ name: command.name(), help: command.description() })),
    flags: help.visibleOptions(program).map(describeFlag),
    takesFiles: program.registeredArguments.some((argument) => FILE.test(argument.name())),
  };
  const below = program.commands.flatMap((command) => listCommands(command, [...path, command.name()]));
  return [facts, ...below];
}

function describeFlag(option: Option & { readonly words?: readonly string[] }): FlagFacts {
  const metavariable = /<([^>]+)>/.exec(option.flags)?.[1];
  const isFile = metavariable !== undefined && FILE.test(metavariable);
  return {
    name: option.long ?? option.flags,
    help: option.description,
    value: metavariable === undefined ? undefined : isFile ? "file" : "word",
    choices: option.words ?? [],
  };
}
