import type { Command } from "commander";
import type { CommonFlags } from "./common-flags.js";
import { addFlags, type FlagsOf, type FlagTable } from "./flags.js";
import { reportError } from "./report-error.js";

/** Takes what the process is to end with. */
export type SetExitCode = (code: number) => void;

/** What a command does, once all of its flags are checked. @returns the exit code. */
export type Work<T extends FlagTable> = (flags: FlagsOf<T>, args: readonly string[]) => Promise<number>;

/** Gives a command its flags and its work; an error of the work is printed and decides the exit code. */
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
