import { compareRuns } from "../../load/index.js";
import { createOutput, printJson } from "../../terminal/index.js";
import type { CompareFlags } from "./flags.js";
import { toExitCode } from "./print-report.js";
import { readRuns } from "./read-files.js";

/** Compares the runs of two paths and prints every metric. @returns the exit code. @throws {INVALID_OPTION} @throws {REPORT_INVALID} */
export async function runCompare(flags: CompareFlags, paths: { baseline: string; current: string }): Promise<number> {
  const output = createOutput(process.stdout, flags.json);
  const baseline = await readRuns("<baseline>", paths.baseline);
  const current = await readRuns("<current>", paths.current);
  const { tolerance, errorTolerance, allow } = flags;
  const outcome = compareRuns(baseline, current, { tolerance, errorTolerance, allow });
  const [status = "", ...lines] = outcome.message.split("\n");
  output.line(output.style("bold", status));
  for (const line of lines) output.line(line);
  if (flags.json === true) printJson(outcome);
  return toExitCode(outcome.status);
}
