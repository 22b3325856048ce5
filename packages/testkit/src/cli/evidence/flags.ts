import { text } from "../../options/index.js";
import { COMMON_FLAGS } from "../common-flags.js";
import { flagOf, type FlagsOf } from "../flags.js";

const PATH = text({ filled: true });

/** The flags of `evidence show`. */
export const SHOW_FLAGS = {
  out: flagOf("--out <file>", "file for the page (evidence.html in the folder)", PATH),
  ...COMMON_FLAGS,
};

/** Their values. */
export type ShowFlags = FlagsOf<typeof SHOW_FLAGS>;

/** The flags of `evidence page`. */
export const PAGE_FLAGS = {
  junit: flagOf(
    "--junit <file>",
    "results of the tests, as JUnit XML (junit.xml in the folder, if there is one)",
    PATH,
  ),
  out: flagOf("--out <file>", "file for the page (index.html in the folder)", PATH),
  ...COMMON_FLAGS,
};

/** Their values. */
export type PageFlags = FlagsOf<typeof PAGE_FLAGS>;
