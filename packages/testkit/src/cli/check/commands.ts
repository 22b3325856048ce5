import type { Command } from "commander";
import { define, type SetExitCode } from "../define.js";
import { CHECK_FLAGS } from "./flags.js";

const CHECK_HELP = `
Choose the server with --url, --command or --stub. In --command, {port}, {workerId} and {host} are replaced; a program that is not
given its port must print the ready line of the protocol. Without --dialect, a few requests show what a server at --url speaks.

--declare takes a JSON file with what the server says of itself: {"slots": 4, "determinism": ["repeat"], "cancel": "disconnect",
"deviations": {"validation.malformed-json": {"reason": "answers 500", "link": "https://…"}}}. A declared deviation is reported and
does not fail the run.

Exit code 0: no check failed. 1: some failed. 3: nothing is proved, because the server cannot be reached, too few checks have a
verdict, or the run was ended. The first Ctrl-C ends the run and writes the results so far; the second one ends the program.

Examples:
  $ inference-testkit check --stub
  $ inference-testkit check --url http://127.0.0.1:8000 --dialect openai-chat --out conformance
  $ inference-testkit check --command "llama-server -m model.gguf --port {port}" --dialect llama-cpp --level full --out conformance
  $ inference-testkit check --url http://127.0.0.1:8000 --only "stop.*" --skip "stop.prefix-is-withheld=fixed in the next release"`;

/** The command that checks what a server does right and wrong. */
export function addCheckCommand(program: Command, setExitCode: SetExitCode): void {
  const command = program
    .command("check")
    .description("check what an inference server does right and wrong, and write a report")
    .addHelpText("after", CHECK_HELP);
  define(command, {
    flags: CHECK_FLAGS,
    setExitCode,
    work: async (flags) => (await import("./run-check.js")).runCheckCommand(flags),
  });
}
