import { CommanderError } from "commander";
import { EXIT_CODES } from "./exit-codes.js";
import { ignoreBrokenPipe, waitUntilWritten } from "./streams.js";
import { createProgram } from "./program.js";

/**
 * Runs the command line and ends the process with its exit code. It ends the process itself, because an abandoned download
 * keeps timers and sockets for minutes.
 *
 * @example await main(["demo", "--engine", "stub"]);
 */
export async function main(argv: readonly string[]): Promise<void> {
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) ignoreBrokenPipe(stream);
  const exitCode = await run(argv);
  for (const stream of streams) await waitUntilWritten(stream);
  process.exit(exitCode);
}

async function run(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const program = createProgram((code) => (exitCode = code));
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage; // commander has printed it
  }
}
