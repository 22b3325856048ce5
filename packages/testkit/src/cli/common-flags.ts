import { flag } from "../options/index.js";
import { flagOf, type FlagsOf } from "./flags.js";

/** Shows stack traces; available in every command. */
export const DEBUG_FLAG = { debug: flagOf("--debug", "show stack traces of errors", flag()) };

/** The flags of every command that prints results. */
export const COMMON_FLAGS = {
  json: flagOf("--json", "print one JSON document on stdout; progress goes to stderr", flag()),
  ...DEBUG_FLAG,
};

/** The flag of every command that can be watched in a browser. */
export const UI_FLAG = flagOf(
  "--ui",
  "serve the report on 127.0.0.1 while the run is under way, with a stop button; prints the address",
  flag(),
);

/** Options for printing errors. */
export type CommonFlags = Partial<FlagsOf<typeof COMMON_FLAGS>>;
