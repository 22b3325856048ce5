import { number, text, withDefault } from "../../options/index.js";
import { COMMON_FLAGS } from "../common-flags.js";
import { flagOf, type FlagsOf } from "../flags.js";
import { httpUrl, sha256 } from "../values.js";

const SECONDS = number([0.001, 86_400]);

/** The flags of `models pull`. */
export const PULL_FLAGS = {
  dir: flagOf(
    "--dir <folder>",
    "folder for the file (INFERENCE_TESTKIT_MODELS, else ./models)",
    text({ filled: true }),
  ),
  url: flagOf("--url <url>", "download from this http(s) address instead", httpUrl()),
  sha256: flagOf("--sha256 <hex>", "the SHA-256 that the file must have", sha256()),
  stallTimeout: flagOf("--stall-timeout <seconds>", "give up after this time without data", withDefault(SECONDS, 60)),
  ...COMMON_FLAGS,
};

/** Their values. */
export type PullFlags = FlagsOf<typeof PULL_FLAGS>;
