import { flag } from "../options/index.js";
import { flagOf, type FlagsOf } from "./flags.js";

/** Shows where an error comes from; every command has it. */
export const DEBUG_FLAG = { debug: flagOf("--debug", "show stack traces of errors", flag()) };

/** The flags of every command that prints results. */
export const COMMON_FLAGS = {
  json: flagOf("--json", "print one JSON document on stdout; progress goes to stderr", flag()),
  ...DEBUG_FLAG,
};

/** What errors are printed with. */
export type CommonFlags = Partial<FlagsOf<typeof COMMON_FLAGS>>;
