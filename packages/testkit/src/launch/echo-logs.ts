import type { WorkerLogs } from "./logs/index.js";

/** With `INFERENCE_TESTKIT_LOG=debug`, every line of a worker also goes to the standard error output of this process. */
export function echoLogs(logs: WorkerLogs, name: string): void {
  if (process.env["INFERENCE_TESTKIT_LOG"] !== "debug") return;
  logs.onLine((line) => void process.stderr.write(`[${name} ${line.stream}] ${line.text}\n`));
}
