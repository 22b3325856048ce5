import type { Command } from "commander";
import { oneOf } from "../../options/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import { bashScript } from "./bash.js";
import { listCommands } from "./commands.js";
import { fishScript } from "./fish.js";
import { zshScript } from "./zsh.js";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** Prints the completion for a shell. @throws {INVALID_OPTION} an unknown shell. @returns the exit code. */
export function runCompletion(program: Command, shell: string): number {
  const name = oneOf(SHELLS).read("shell", shell);
  process.stdout.write(SCRIPTS[name](listCommands(program)));
  return EXIT_CODES.ok;
}
