import { oneOf, withDefault } from "../../options/index.js";
import { COMMON_FLAGS } from "../common-flags.js";
import { flagOf, type FlagsOf } from "../flags.js";
import { gpuDevice } from "../values.js";

/** The flags of `demo`. */
export const DEMO_FLAGS = {
  engine: flagOf(
    "--engine <engine>",
    "stub, llama or both (those that are installed)",
    oneOf(["stub", "llama", "both"]),
  ),
  gpuDevice: flagOf("--gpu-device <n>", "device of the llama engine; -1 is the CPU", withDefault(gpuDevice(), -1)),
  ...COMMON_FLAGS,
};

/** Their values. */
export type DemoFlags = FlagsOf<typeof DEMO_FLAGS>;
