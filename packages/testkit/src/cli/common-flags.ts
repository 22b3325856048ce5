import { flag } from "../options/index.js";
import { flagOf, type FlagsOf } from "./flags.js";

/** Shows stack traces; available in every command. */
export const DEBUG_FLAG = { debug: flagOf("--debug", "show stack traces of errors", flag()) };

/** The flags of every command that prints results. */
export const COMMON_FLAGS = {
  json: flagOf("--json", "print one JSON document on stdout; progress goes to stderr", flag()),
  ...DEBUG_FLAG,
};

/** Options for printing errors. */
export type CommonFlags = Partial<FlagsOf<typeof COMMON_FLAGS>>;
