import { compareRuns, type CompareOptions } from "../../load/index.js";
import { createOutput, printJson } from "../output/index.js";
import type { CompareFlags } from "./flags.js";
import { toExitCode } from "./print-report.js";
import { readRuns } from "./read-files.js";

/** Compares the runs of two paths and prints every metric. @returns the exit code. @throws {INVALID_OPTION} @throws {REPORT_INVALID} */
export async function runCompare(
  flags: CompareFlags & { readonly baseline: string; readonly current: string },
): Promise<number> {
  const output = createOutput(process.stdout, flags.json);
  const baseline = await readRuns("<baseline>", flags.baseline);
  const current = await readRuns("<current>", flags.current);
  const allow = flags.allow?.split(",").map((name) => name.trim()) as CompareOptions["allow"];
  const outcome = compareRuns(baseline, current, { tolerance: flags.tolerance, allow });
  const [status = "", ...lines] = outcome.message.split("\n");
  output.line(output.style("bold", status));
  for (const line of lines) output.line(line);
  if (flags.json === true) printJson(outcome);
  return toExitCode(outcome.status);
}
