import { createOutput } from "../terminal/index.js";
import type { WorkerLogs } from "./logs/index.js";

/**
 * With `INFERENCE_TESTKIT_LOG=debug`, every line of a worker also goes to the standard error output of this process. Its colours are shown
 * as escape sequences, too: a worker that may colour text can print a verdict that is not ours.
 */
export function echoLogs(logs: WorkerLogs, name: string): void {
  if (process.env["INFERENCE_TESTKIT_LOG"] !== "debug") return;
  const output = createOutput(process.stderr);
  logs.onLine((line) => output.line(`[${name} ${line.stream}] ${line.text}`));
}
