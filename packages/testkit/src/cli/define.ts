import type { Command } from "commander";
import type { CommonFlags } from "./common-flags.js";
import { addFlags, type FlagsOf, type FlagTable } from "./flags.js";
import { reportError } from "./report-error.js";

/** Receives the exit code of the process. */
export type SetExitCode = (code: number) => void;

/** Runs a command after all of its flags were checked. @returns the exit code. */
export type Work<T extends FlagTable> = (flags: FlagsOf<T>, args: readonly string[]) => Promise<number>;

/**
 * Attaches flags and an action to a command; an error in the action is printed and determines the exit
 * code.
 */
export function define<T extends FlagTable>(
  command: Command,
  { flags, setExitCode, work }: { readonly flags: T; readonly setExitCode: SetExitCode; readonly work: Work<T> },
): Command {
  return addFlags(command, flags).action(async () => {
    try {
      setExitCode(await work(command.opts<FlagsOf<T>>(), command.args));
    } catch (error) {
      setExitCode(reportError(error, command.opts<CommonFlags>()));
    }
  });
}
