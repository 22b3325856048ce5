import { reportError, type ErrorReportOptions } from "./report-error.js";

/** Takes what the process is to end with. */
export type SetExitCode = (code: number) => void;

/** Runs a command: its exit code, or that of its error, which is printed. */
export async function guard(
  options: ErrorReportOptions,
  setExitCode: SetExitCode,
  work: () => Promise<number>,
): Promise<void> {
  try {
    setExitCode(await work());
  } catch (error) {
    setExitCode(reportError(error, options));
  }
}
